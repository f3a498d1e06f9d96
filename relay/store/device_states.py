"""What is known of devices, as it is kept."""

import json
from collections.abc import Sequence as SequenceOf

from relay.domain.battery import Battery
from relay.domain.device_event import DeviceEvent
from relay.domain.device_state import DeviceState, Place
from relay.domain.rhythm import Rhythm
from relay.domain.sequence import SETTLED_AFTER_MS, Gap, Sequence
from relay.store.driver import Do, Row, Steps
from relay.store.notices import Notice

HISTORY_MS = 24 * 3600 * 1000
"""What lies back longer is counted, but nobody is told of it any more."""


def read_states(devices: SequenceOf[int]) -> Steps[dict[int, DeviceState]]:
    """What is known of each device; of new ones nothing."""
    rows = yield Do("read_state", [{"device": device} for device in devices])
    return {device: DeviceState(device=device) for device in devices} | {
        row["device"]: state_of(row) for row in rows
    }


def write_states(states: SequenceOf[DeviceState]) -> Steps[None]:
    """Keep what is known now."""
    yield Do("put_state", [_row(state) for state in states])


def write_events(device: int, events: SequenceOf[DeviceEvent], now_ms: int) -> Steps[int]:
    """Keep what happened, but for history; the answer is how many events that were."""
    fresh = [event for event in events if event.at_ms > now_ms - HISTORY_MS]
    if not fresh:
        return 0
    first_id = (yield Do("take_ids", [{"count": len(fresh)}]))[0]["first_id"]
    rows = [_event_row(first_id + index, device, event) for index, event in enumerate(fresh)]
    yield Do("insert_device_event", rows)
    yield Notice(devices=frozenset({device}))
    return len(fresh)


def state_of(row: Row) -> DeviceState:
    """From its row."""
    return DeviceState(
        device=row["device"],
        first_at_ms=row["first_at_ms"],
        last_at_ms=row["last_at_ms"],
        last_time=row["last_time"],
        last_uplink_id=row["last_uplink_id"],
        sequence=Sequence(last=row["last_seq_number"], time=row["seq_time"], gaps=_gaps(row["gaps"])),
        rhythm=Rhythm(pause_seconds=row["pause_seconds"], pauses=row["pauses"]),
        silent_since_ms=row["silent_since_ms"],
        battery=Battery(
            volts=row["battery"], best_volts=row["best_battery"], is_low=bool(row["battery_low"])
        ),
        temperature=row["temperature"],
        place=_place(row),
    )


def _place(row: Row) -> Place | None:
    if row["place_time"] is None:
        return None
    return Place(
        latitude=row["latitude"],
        longitude=row["longitude"],
        radius=row["radius"],
        source=row["place_source"],
        time=row["place_time"],
    )


def _gaps(text: str) -> tuple[Gap, ...]:
    found = json.loads(text) if text else []
    return tuple(
        Gap(first=first, missing=missing, time=time, seen_at_ms=at_ms)
        for first, missing, time, at_ms in found
    )


def _gaps_text(gaps: SequenceOf[Gap]) -> str:
    return json.dumps([[gap.first, gap.missing, gap.time, gap.seen_at_ms] for gap in gaps]) if gaps else ""


def _row(state: DeviceState) -> dict[str, object]:
    gaps, place = state.sequence.gaps, state.place
    return {
        "device": state.device,
        "first_at_ms": state.first_at_ms,
        "last_at_ms": state.last_at_ms,
        "last_time": state.last_time,
        "last_uplink_id": state.last_uplink_id,
        "last_seq_number": state.sequence.last,
        "seq_time": state.sequence.time,
        "gaps": _gaps_text(gaps),
        "gaps_until_ms": min((gap.seen_at_ms for gap in gaps), default=0) + SETTLED_AFTER_MS
        if gaps
        else None,
        "pause_seconds": state.rhythm.pause_seconds,
        "pauses": state.rhythm.pauses,
        "silent_since_ms": state.silent_since_ms,
        "battery": state.battery.volts,
        "best_battery": state.battery.best_volts,
        "battery_low": int(state.battery.is_low),
        "temperature": state.temperature,
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
        "radius": place.radius if place else None,
        "place_source": place.source if place else "",
        "place_time": place.time if place else None,
    }


def _event_row(event_id: int, device: int, event: DeviceEvent) -> dict[str, object]:
    return {
        "id": event_id,
        "device": device,
        "kind": event.kind,
        "severity": event.severity,
        "at_ms": event.at_ms,
        "facts": json.dumps(dict(event.facts)),
        "uplink_id": event.uplink_id,
        "mailed": 0,
        "noticed": 0,
    }
