"""What is known of a device from its messages, and what each of them changes. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from relay.domain.battery import UNKNOWN_BATTERY, USUAL_LOW, Battery, LowBattery, measured
from relay.domain.device_event import (
    SEVERITIES,
    DeviceEvent,
    DeviceEventKind,
    make_event,
    read_severity,
)
from relay.domain.rhythm import UNKNOWN_RHYTHM, Rhythm, learn
from relay.domain.sequence import NOTHING_SEEN, Gap, Sequence, Sighting, follow, settle
from relay.domain.uplink import Kind, Uplink

SENT_BY_DEVICE = frozenset({Kind.DATA, Kind.STATUS, Kind.REPEATER})
"""Callbacks that follow at once from a message of the device; they show that it lives."""
_NUMBERED = frozenset({Kind.DATA, Kind.STATUS})
_FROM_NETWORK: Mapping[Kind, DeviceEventKind] = {
    Kind.ERROR: DeviceEventKind.NETWORK_ERROR,
    Kind.EVENT: DeviceEventKind.NETWORK_EVENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A callback as it was kept; `place` is what its payload told, where the device's settings read one."""

    id: int
    uplink: Uplink
    at_ms: int
    place: "Place | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a device was, in degrees, within a radius in metres; `time` is Unix seconds.

    `source` is "payload", "geoloc" or "computed": read from the payload, told by a GEOLOC callback, or
    computed by Sigfox.
    """

    latitude: float
    longitude: float
    source: str
    time: int
    radius: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceState:
    """What is known of a device.

    `first_at_ms` and `last_at_ms` are when the relay first and last heard of it, `last_time` is the network's
    time (Unix seconds) of its last message. `silent_since_ms` is when it was last heard, once it is silent.
    """

    device: int
    first_at_ms: int = 0
    last_at_ms: int = 0
    last_time: int = 0
    last_uplink_id: int = 0
    sequence: Sequence = NOTHING_SEEN
    rhythm: Rhythm = UNKNOWN_RHYTHM
    silent_since_ms: int | None = None
    battery: Battery = UNKNOWN_BATTERY
    temperature: float | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a callback changed: `missed` messages at `missed_time` (-1: one of them came late), and events."""

    state: DeviceState
    missed: int = 0
    missed_time: int = 0
    events: tuple[DeviceEvent, ...] = field(default=())


def absorb(state: DeviceState, heard: Heard, modulo: int, low: LowBattery = USUAL_LOW) -> Change:
    """The state after a callback; those of one device come in the order of their times where they can."""
    state, events = give_up_missing(state, heard.at_ms)
    events += [*_network_event(heard)]
    uplink = heard.uplink
    if uplink.kind not in SENT_BY_DEVICE:
        return Change(state=_located(state, heard), events=tuple(events))
    events += [*_return(state, heard)]
    sequence = state.sequence
    step = follow(sequence, _sighting(heard), modulo) if _has_number(uplink) else None
    if step and step.out_of_sequence:
        events.append(_began_anew(sequence, heard, modulo))
    after = _heard(state, heard, step.sequence if step else sequence)
    after = _powered(_located(after, heard), uplink.more, low)
    if after.battery.is_low and not state.battery.is_low:
        events.append(_battery_low(after.battery, heard))
    return Change(
        state=after,
        missed=step.missed if step else 0,
        missed_time=step.time if step else 0,
        events=tuple(events),
    )


def give_up_missing(state: DeviceState, now_ms: int) -> tuple[DeviceState, list[DeviceEvent]]:
    """What is missing for long makes an event."""
    sequence, gaps = settle(state.sequence, now_ms)
    return (replace(state, sequence=sequence), [*map(_break, gaps)]) if gaps else (state, [])


def fall_silent(state: DeviceState, after_seconds: float, now_ms: int) -> Change:
    """A device that was not heard for too long."""
    facts = {"last_at_ms": state.last_at_ms, "after_seconds": round(after_seconds)}
    silent = replace(state, silent_since_ms=state.last_at_ms)
    return Change(state=silent, events=(make_event(DeviceEventKind.SILENT, now_ms, facts),))


def _heard(state: DeviceState, heard: Heard, sequence: Sequence) -> DeviceState:
    """Times and rhythm; a message that came late was not the last one."""
    time = heard.uplink.time
    pause_seconds = time - state.last_time if state.last_uplink_id else 0
    is_last = time >= state.last_time
    return replace(
        state,
        first_at_ms=min(state.first_at_ms, heard.at_ms) if state.last_uplink_id else heard.at_ms,
        last_at_ms=max(state.last_at_ms, heard.at_ms),
        last_time=max(state.last_time, time),
        last_uplink_id=heard.id if is_last else state.last_uplink_id,
        sequence=sequence,
        rhythm=learn(state.rhythm, pause_seconds),
        silent_since_ms=None,
    )


def _return(state: DeviceState, heard: Heard) -> Iterator[DeviceEvent]:
    if state.silent_since_ms is not None:
        seconds = max(0, heard.at_ms - state.silent_since_ms) // 1000
        yield make_event(DeviceEventKind.BACK, heard.at_ms, {"silent_seconds": seconds}, heard.id)


def _has_number(uplink: Uplink) -> bool:
    return uplink.seq_number is not None and uplink.kind in _NUMBERED


def _sighting(heard: Heard) -> Sighting:
    uplink = heard.uplink
    return Sighting(
        number=uplink.seq_number or 0, time=uplink.time, at_ms=heard.at_ms, time_given=uplink.time_given
    )


def _break(gap: Gap) -> DeviceEvent:
    facts = {"missed": gap.missing, "first": gap.first}
    return make_event(DeviceEventKind.SEQUENCE_BREAK, gap.seen_at_ms, facts)


def _began_anew(before: Sequence, heard: Heard, modulo: int) -> DeviceEvent:
    expected = None if before.last is None else (before.last + 1) % modulo
    facts = {"expected": expected, "seq_number": heard.uplink.seq_number}
    return make_event(DeviceEventKind.OUT_OF_SEQUENCE, heard.at_ms, facts, heard.id)


def _powered(state: DeviceState, more: Mapping[str, object], low: LowBattery) -> DeviceState:
    """STATUS and REPEATER callbacks tell the voltage, STATUS the temperature as well."""
    volts, celsius = number_of(more, "batt"), number_of(more, "temp")
    if volts is None and celsius is None:
        return state
    return replace(
        state,
        battery=state.battery if volts is None else measured(state.battery, volts, low),
        temperature=state.temperature if celsius is None else celsius,
    )


def _battery_low(battery: Battery, heard: Heard) -> DeviceEvent:
    facts = {"volts": battery.volts, "best_volts": battery.best_volts}
    return make_event(DeviceEventKind.BATTERY_LOW, heard.at_ms, facts, heard.id)


def _network_event(heard: Heard) -> Iterator[DeviceEvent]:
    """A callback that is an event itself. Source: support.sigfox.com/docs/{error-callbacks, event-type}."""
    uplink = heard.uplink
    kind = _FROM_NETWORK.get(uplink.kind)
    if kind is not None:
        yield DeviceEvent(
            kind=kind,
            at_ms=uplink.time * 1000,
            severity=read_severity(uplink.more.get("severity"), SEVERITIES[kind]),
            facts=uplink.more,
            uplink_id=heard.id,
        )


def _located(state: DeviceState, heard: Heard) -> DeviceState:
    place = heard.place or _told_place(heard.uplink)
    if place is None or (state.place is not None and place.time < state.place.time):
        return state
    return replace(state, place=place)


def _told_place(uplink: Uplink) -> Place | None:
    """Only these two kinds tell where the device is; in a data callback `lat` and `lng` are the station's."""
    match uplink.kind:
        case Kind.GEOLOC:
            return _place(uplink.more, "geoloc", uplink.time)
        case Kind.DATA_ADVANCED:
            computed = uplink.more.get("computedLocation")
            return _place(computed, "computed", uplink.time) if isinstance(computed, Mapping) else None
        case _:
            return None


def _place(facts: Mapping[str, object], source: str, time: int) -> Place | None:
    latitude, longitude = number_of(facts, "lat"), number_of(facts, "lng")
    if latitude is None or longitude is None:
        return None
    return make_place(latitude, longitude, source, time, number_of(facts, "radius"))


def make_place(
    latitude: float, longitude: float, source: str, time: int, radius: float | None = None
) -> Place | None:
    """A place on Earth, or None: two zeros are what devices send that have no fix."""
    if abs(latitude) > 90 or abs(longitude) > 180 or not (latitude or longitude):
        return None
    return Place(latitude=latitude, longitude=longitude, source=source, time=time, radius=radius)


def number_of(facts: Mapping[str, object], name: str) -> float | None:
    """A number among facts, as one."""
    value = facts.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
