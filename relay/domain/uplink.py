"""One message from a device, as read from a callback."""

import enum
import json
import zlib
from collections.abc import Mapping

from msgspec import Struct, field

from relay.domain.radio import Radio

MAX_PAYLOAD_BYTES = 12


class Kind(enum.StrEnum):
    """Kinds of callback, as in the path `/sigfox/<kind>`; at the end what the relay itself makes known."""

    DATA = "data"
    STATUS = "status"
    GEOLOC = "geoloc"
    ACKNOWLEDGE = "acknowledge"
    DATA_ADVANCED = "data-advanced"
    REPEATER = "repeater"
    ERROR = "error"
    EVENT = "event"
    BATCH = "batch"
    SILENT = "silent"
    BACK = "back"
    SEQUENCE = "sequence"
    BATTERY = "battery"


OWN_KINDS = frozenset({Kind.SILENT, Kind.BACK, Kind.SEQUENCE, Kind.BATTERY})
"""Notices of the relay about a device; no callback brings them."""


class Uplink(Struct, frozen=True, kw_only=True):
    """A message from a device and what the network said about it.

    `device_text` is the id as received: an answer to Sigfox repeats it letter by letter. `time` is Unix
    seconds of the reception by the network; when the callback had none, it is the time of receipt here and
    `time_given` is false. `data` is lower-case hex, 0 to 24 characters. `snr` is in dB, `rssi` in dBm.
    `ack` says that the device listens for a downlink. `more` holds the other fields that were understood
    (`avgSnr`, `lat`, `lng`, `duplicate`, `longPolling`, `deviceTypeId`, `customData` ...), ready for JSON.
    `radio` is what a DATA_ADVANCED callback told of it; None while none came.
    """

    kind: Kind = Kind.DATA
    device: int
    device_text: str
    time: int
    time_given: bool = True
    data: str = ""
    seq_number: int | None = None
    rssi: float | None = None
    snr: float | None = None
    station: str | None = None
    ack: bool = False
    more: Mapping[str, object] = field(default_factory=dict)
    radio: Radio | None = None

    @property
    def key_number(self) -> int:
        """What stands for its sequence number where repeats are told from others: -1 when it has none.

        Of notices a device may have several in one second: theirs, below -1, tells what they say.
        """
        if self.seq_number is not None:
            return self.seq_number
        if self.kind in (Kind.DATA, Kind.DATA_ADVANCED):
            return -1
        said = json.dumps(self.more, sort_keys=True, default=str)
        return -2 - zlib.crc32(said.encode())

    @property
    def label(self) -> str:
        """The device id as it is shown and forwarded: as Sigfox wrote it, in upper case."""
        return self.device_text.upper()
