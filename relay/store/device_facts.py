"""Reading what a device's status follows from."""

from collections.abc import Sequence

from relay.domain.delivery import DeliveryState
from relay.domain.device_status import (
    DeviceFacts,
    EndpointFacts,
    silent_after_seconds,
    usual_pause_seconds,
)
from relay.store.driver import Do, Row, Steps
from relay.store.settling import read_health

MOST_COUNTED = 10_000
_WINDOW = 200
_RECENT = 20


def read_device_facts(device: int) -> Steps[DeviceFacts]:
    """The facts of one device."""
    endpoints = yield Do("endpoints_of_device", [{"device": device}])
    found = []
    for endpoint in endpoints:
        found.append((yield from _endpoint(endpoint)))
    recent = yield Do("recent_messages", [{"device": device, "window": _WINDOW, "limit": _RECENT}])
    return _facts(found, recent)


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


def _facts(endpoints: Sequence[EndpointFacts], recent: Sequence[Row]) -> DeviceFacts:
    pause_seconds = usual_pause_seconds([row["time"] for row in recent])
    return DeviceFacts(
        endpoints=endpoints,
        last_at_ms=recent[0]["received_at_ms"] if recent else None,
        usual_pause_seconds=pause_seconds,
        silent_after_seconds=silent_after_seconds(pause_seconds),
    )
