"""Counting what came, apart from its acceptance: statistics by the hour, states of devices, device events.

All of a batch is one transaction with the marks on its uplinks, so that each is counted exactly once.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from relay.decoder import Grammar, parse_grammar
from relay.domain.battery import USUAL_LOW, LowBattery, parse_low_battery
from relay.domain.device import NO_DEVICE
from relay.domain.device_event import DeviceEvent
from relay.domain.device_state import (
    DeviceState,
    Heard,
    Place,
    absorb,
    give_up_missing,
    make_place,
    number_of,
)
from relay.domain.totals import Totals, hour_of, sum_of, totals_of, values_of
from relay.domain.uplink import OWN_KINDS, Kind, Uplink
from relay.errors import GrammarError
from relay.store.device_states import read_states, write_events, write_states
from relay.store.driver import Do, Row, Steps

BATCH = 100
"""Callbacks that come meanwhile wait so long: some 10 ms."""
MOST_GAPS = 500
UNPROVISIONED_TYPE = -1
DEFAULT_MODULO = 4096
CLOCKS_DIFFER_SECONDS = 600
"""A time that lies further ahead is wrong, and must not make all that follow look late."""
_READ_BY_GRAMMAR = frozenset({"custom", "geolocation"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """How the callbacks of one device are read."""

    modulo: int = DEFAULT_MODULO
    type_id: int = UNPROVISIONED_TYPE
    grammar: Grammar | None = None
    latitude_field: str = ""
    longitude_field: str = ""
    low_battery: LowBattery = USUAL_LOW

    def place(self, uplink: Uplink) -> Place | None:
        """Where the device says that it is."""
        if self.grammar is None or uplink.kind is not Kind.DATA:
            return None
        fields = self.grammar.decode(bytes.fromhex(uplink.data))
        latitude, longitude = number_of(fields, self.latitude_field), number_of(fields, self.longitude_field)
        if latitude is None or longitude is None:
            return None
        return make_place(latitude, longitude, "payload", uplink.time)


@dataclass(slots=True, kw_only=True)
class _Count:
    """What a batch comes to."""

    states: dict[int, DeviceState]
    hours: dict[tuple[int, int], list[Totals]] = field(default_factory=lambda: defaultdict(list))
    events: dict[int, list[DeviceEvent]] = field(default_factory=lambda: defaultdict(list))

    def add(self, heard: Heard, rules: _Rules) -> None:
        device, time = heard.uplink.device, heard.uplink.time
        self.hours[device, hour_of(time)].append(totals_of(heard.uplink))
        change = absorb(self.states[device], heard, rules.modulo, rules.low_battery)
        self.states[device] = change.state
        self.events[device] += change.events
        if change.missed:
            self.hours[device, hour_of(change.missed_time)].append(Totals(missed=change.missed))


def tally(now_ms: int) -> Steps[int]:
    """Count a batch; the answer is how many callbacks that were, 0 also when another node is at it."""
    if not (yield Do("try_to_tally")):
        return 0
    rows = yield Do("fresh_uplinks", [{"limit": BATCH}])
    counted = [row for row in rows if row["kind"] not in OWN_KINDS]
    devices = sorted({row["device"] for row in counted})
    rules = yield from _read_rules(devices)
    count = _Count(states=(yield from read_states(devices)))
    for heard in _in_time(counted, rules):
        count.add(heard, rules[heard.uplink.device])
    yield from _write(count, rules, now_ms)
    yield Do("mark_tallied", [{"id": row["id"]} for row in rows])
    return len(rows)


def settle_gaps(now_ms: int) -> Steps[int]:
    """Make known what is missing for long; the answer is of how many devices."""
    if not (yield Do("try_to_tally")):
        return 0
    rows = yield Do("states_with_gaps", [{"now_ms": now_ms, "limit": MOST_GAPS}])
    states = yield from read_states([row["device"] for row in rows])
    for state in states.values():
        settled, events = give_up_missing(state, now_ms)
        yield from write_states([settled])
        yield from write_events(state.device, events, now_ms)
    return len(rows)


def _write(count: _Count, rules: Mapping[int, _Rules], now_ms: int) -> Steps[None]:
    sums = {key: sum_of(parts) for key, parts in count.hours.items()}
    by_type: dict[tuple[int, int], list[Totals]] = defaultdict(list)
    for (device, starts_at), total in sums.items():
        by_type[rules[device].type_id, starts_at].append(total)
    yield Do("add_to_device_hour", _hour_rows(sums))
    yield Do("add_to_type_hour", _hour_rows({key: sum_of(parts) for key, parts in by_type.items()}))
    yield from write_states([state for device, state in count.states.items() if device != NO_DEVICE])
    for device, events in count.events.items():
        yield from write_events(device, events, now_ms)


def _hour_rows(sums: Mapping[tuple[int, int], Totals]) -> list[dict[str, object]]:
    return [
        {"key": key, "starts_at": starts_at, **values_of(total)}
        for (key, starts_at), total in sorted(sums.items(), key=lambda item: item[0])
        if total != Totals()
    ]


def _read_rules(devices: Sequence[int]) -> Steps[dict[int, _Rules]]:
    rows = yield Do("reading_rules", [{"device": device} for device in devices])
    grammars: dict[str, Grammar | None] = {}
    return {device: _Rules() for device in devices} | {row["device"]: _rules(row, grammars) for row in rows}


def _rules(row: Row, grammars: dict[str, Grammar | None]) -> _Rules:
    text = row["grammar"] if row["display"] in _READ_BY_GRAMMAR else ""
    if text not in grammars:
        grammars[text] = _parsed(text)
    return _Rules(
        modulo=row["sequence_modulo"],
        type_id=row["type_id"],
        grammar=grammars[text],
        latitude_field=row["latitude_field"] or "lat",
        longitude_field=row["longitude_field"] or "lng",
        low_battery=_low_battery(row["low_battery"]),
    )


def _low_battery(text: str) -> LowBattery:
    try:
        return parse_low_battery(text)
    except ValueError:  # as with grammars
        return USUAL_LOW


def _parsed(text: str) -> Grammar | None:
    try:
        return parse_grammar(text) if text else None
    except GrammarError:  # it was checked when it was set, perhaps by another version
        return None


def _in_time(rows: Sequence[Row], rules: Mapping[int, _Rules]) -> Iterator[Heard]:
    """Oldest first, so that what several requests brought out of order is in order again."""
    for row in sorted(rows, key=lambda row: (row["time"], row["id"])):
        uplink = _uplink(row)
        place = rules[uplink.device].place(uplink)
        yield Heard(id=row["id"], uplink=uplink, at_ms=row["received_at_ms"], place=place)


def _uplink(row: Row) -> Uplink:
    return Uplink(
        kind=Kind(row["kind"]),
        device=row["device"],
        device_text=row["device_text"],
        time=min(row["time"], row["received_at_ms"] // 1000 + CLOCKS_DIFFER_SECONDS),
        time_given=bool(row["time_given"]),
        data=row["data"],
        seq_number=None if row["seq_number"] < 0 else row["seq_number"],
        rssi=row["rssi"],
        snr=row["snr"],
        more=json.loads(row["more"]) if row["more"] else {},
    )
