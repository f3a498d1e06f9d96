"""A fleet of devices and its traffic: the same seed gives the same messages, byte for byte."""

import enum
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from relay.simulator.message import Location, Message, Reception
from relay.simulator.shapes import TEMPLATES, Template

SEQUENCE_MODULO = 4096
TEMPERATURE_RANGE_TENTHS = (-150, 320)


class Payload(enum.StrEnum):
    """What a device measures; `GRAMMARS` tells how to read it."""

    CLIMATE = "climate"
    COUNTER = "counter"
    TEXT = "text"
    PING = "ping"


GRAMMARS = {
    Payload.CLIMATE: "temperature_tenths::int:16 humidity_percent::uint:8 battery_millivolts::uint:16",
    Payload.COUNTER: "count::uint:32",
    Payload.TEXT: "text::char:12",
    Payload.PING: "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedDevice:
    """A device that never changes; its messages differ by their ordinal number from 0."""

    number: int
    payload: Payload
    template: Template
    first_seq_number: int
    station: str
    usual_rssi: float
    temperature_tenths: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmission:
    """A message on its way, with the template of its device; `twice`: the cloud will call twice for it."""

    message: Message
    template: Template
    twice: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """How much the fleet sends: shares run from 0 to 1.

    Times run from `start_seconds` (Unix) in real seconds, one message each `1 / rate_per_second`.
    With a `downlink_share` of 0 the callbacks are UPLINK ones, else BIDIR.
    """

    messages: int
    start_seconds: int
    rate_per_second: float = 1.0
    downlink_share: float = 0.0
    duplicate_share: float = 0.0


def make_device_ids(count: int, seed: int) -> tuple[int, ...]:
    """Distinct device numbers of five to seven hex digits."""
    return tuple(_chance(seed, "ids").sample(range(0x10000, 0x1FFFFFF), count))


def make_fleet(numbers: Sequence[int], seed: int) -> tuple[SimulatedDevice, ...]:
    """Devices of all kinds of payload whose operators use all kinds of templates, in turn."""
    payloads, templates = tuple(Payload), tuple(TEMPLATES.values())
    return tuple(
        _device(number, payloads[at % len(payloads)], templates[at % len(templates)], seed)
        for at, number in enumerate(numbers)
    )


def transmissions(devices: Sequence[SimulatedDevice], traffic: Traffic, seed: int) -> Iterator[Transmission]:
    """The traffic of the fleet in order of time; the devices take turns."""
    chance = _chance(seed, "traffic")
    for at in range(traffic.messages):
        ordinal, turn = divmod(at, len(devices))
        yield Transmission(
            message=_message(devices[turn], ordinal, _time(traffic, at), _ack(traffic, chance), chance),
            template=devices[turn].template,
            twice=chance.random() < traffic.duplicate_share,
        )


def _device(number: int, payload: Payload, template: Template, seed: int) -> SimulatedDevice:
    chance = _chance(seed, f"device {number}")
    return SimulatedDevice(
        number=number,
        payload=payload,
        template=template,
        # new, in the middle of its life, and about to wrap
        first_seq_number=chance.choice((0, chance.randrange(SEQUENCE_MODULO), SEQUENCE_MODULO - 2)),
        station=_station(chance),
        usual_rssi=chance.uniform(-135, -95),
        temperature_tenths=chance.randint(*TEMPERATURE_RANGE_TENTHS),
    )


def _message(
    device: SimulatedDevice, ordinal: int, time: int, ack: bool | None, chance: random.Random
) -> Message:
    return Message(
        device=device.number,
        time=time,
        data=_payload(device, ordinal, chance).hex(),
        seq_number=(device.first_seq_number + ordinal) % SEQUENCE_MODULO,
        rssi=_near(device.usual_rssi, chance),
        snr=round(chance.uniform(6, 28), 2),
        station=device.station,
        ack=ack,
        further=_further_receptions(device, chance),
        location=_location(chance),
    )


def _payload(device: SimulatedDevice, ordinal: int, chance: random.Random) -> bytes:
    match device.payload:
        case Payload.CLIMATE:
            return _climate(device.temperature_tenths + chance.randint(-8, 8), chance)
        case Payload.COUNTER:
            return (ordinal % 2**32).to_bytes(4, "big")
        case Payload.TEXT:
            return f"hello {ordinal}".encode()[:12]
        case Payload.PING:
            return b""


def _climate(temperature_tenths: int, chance: random.Random) -> bytes:
    humidity_percent, battery_millivolts = chance.randint(30, 70), chance.randint(2900, 3300)
    return (
        temperature_tenths.to_bytes(2, "big", signed=True)
        + humidity_percent.to_bytes(1, "big")
        + battery_millivolts.to_bytes(2, "big")
    )


def _further_receptions(device: SimulatedDevice, chance: random.Random) -> tuple[Reception, ...]:
    return tuple(
        Reception(
            station=_station(chance),
            rssi=_near(device.usual_rssi - 6, chance),
            repetitions=chance.randint(1, 3),
        )
        for _ in range(chance.randint(0, 3))
    )


def _location(chance: random.Random) -> Location | None:
    """The network computes a position for about three messages in four."""
    latitude, longitude = round(chance.uniform(48.6, 51), 6), round(chance.uniform(12.1, 18.8), 6)
    radius_metres, found = chance.randint(900, 14000), chance.random() < 0.75
    return Location(latitude=latitude, longitude=longitude, radius_metres=radius_metres) if found else None


def _time(traffic: Traffic, at: int) -> int:
    return traffic.start_seconds + int(at / traffic.rate_per_second)


def _ack(traffic: Traffic, chance: random.Random) -> bool | None:
    return chance.random() < traffic.downlink_share if traffic.downlink_share else None


def _near(rssi: float, chance: random.Random) -> float:
    return round(rssi + chance.uniform(-4, 4), 2)


def _station(chance: random.Random) -> str:
    return f"{chance.randrange(2**16):04X}"


def _chance(seed: int, purpose: str) -> random.Random:
    return random.Random(f"{seed}/{purpose}")  # noqa: S311 - made-up traffic that must repeat, no secret
