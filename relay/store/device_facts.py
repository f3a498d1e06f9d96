"""Reading what a device's status follows from."""

from relay.domain.delivery import DeliveryState
from relay.domain.device_status import DeviceFacts, EndpointFacts
from relay.domain.rhythm import KEEP_ALIVE_LEARNED, silent_after_seconds
from relay.store.device_states import read_states
from relay.store.device_types import settings_of
from relay.store.driver import Do, Row, Steps
from relay.store.settling import read_health

MOST_COUNTED = 10_000
_WINDOW = 200
"""Callbacks of other kinds may stand before the newest message."""


def read_device_facts(device: int) -> Steps[DeviceFacts]:
    """The facts of one device."""
    endpoints = yield Do("endpoints_of_device", [{"device": device}])
    found = []
    for endpoint in endpoints:
        found.append((yield from _endpoint(endpoint)))
    recent = yield Do("newest_message", [{"device": device, "window": _WINDOW}])
    state = (yield from read_states([device]))[device]
    settings = yield from settings_of(device)
    keep_alive_seconds = (settings.keep_alive_seconds if settings else 0) or KEEP_ALIVE_LEARNED
    return DeviceFacts(
        endpoints=found,
        last_at_ms=recent[0]["received_at_ms"] if recent else None,
        usual_pause_seconds=state.rhythm.pause_seconds or None,
        silent_after_seconds=silent_after_seconds(keep_alive_seconds, state.rhythm),
    )


def _endpoint(row: Row) -> Steps[EndpointFacts]:
    rows = yield Do("open_of_endpoint", [{"endpoint_id": row["id"], "limit": MOST_COUNTED}])
    counted = {each["state"]: each for each in rows}
    waiting, held = counted.get(DeliveryState.WAITING), counted.get(DeliveryState.HELD)
    return EndpointFacts(
        id=row["id"],
        host=row["host"],
        health=read_health(row),
        waiting=waiting["count"] if waiting else 0,
        held=held["count"] if held else 0,
        next_at_ms=waiting["next_at_ms"] if waiting else None,
    )
