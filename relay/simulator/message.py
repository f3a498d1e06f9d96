"""What a simulated device sent and how the network heard it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """One base station that heard the message; `station` is 4 hex digits, `rssi` in dBm."""

    station: str
    rssi: float
    repetitions: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A position that the network computed, in degrees, with the radius of its error."""

    latitude: float
    longitude: float
    radius_metres: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a device; `time` in Unix seconds, `data` in hex, `snr` in dB, `rssi` in dBm.

    `station`, `rssi` and `snr` are those of the first reception; `further` holds the other ones.
    `ack` is None when the operator uses an UPLINK callback, which has no such variable; else it tells
    whether the device listens for a downlink.
    """

    device: int
    time: int
    data: str
    seq_number: int
    rssi: float
    snr: float
    station: str
    ack: bool | None = None
    further: tuple[Reception, ...] = ()
    location: Location | None = None

    @property
    def receptions(self) -> tuple[Reception, ...]:
        return (Reception(station=self.station, rssi=self.rssi, repetitions=3), *self.further)
