"""Letting endpoints know what happened to their device, where they asked for it: by ordinary deliveries."""

import json
from collections.abc import Callable
from itertools import count

from relay.domain.device_event import NOTICES, DeviceEventKind
from relay.domain.uplink import Kind, Uplink
from relay.store.accepting import accept_all
from relay.store.driver import Do, Row, Steps
from relay.store.kept import Context
from relay.store.records import Incoming, RawCallback

BATCH = 100
_IDS_FOR_ONE = 50
_NOBODY_CALLED = RawCallback(method="", query="", content_type="", body="")


def give_notice(node: str, new_webhook_id: Callable[[], str], now_ms: int) -> Steps[int]:
    """Promise events to the endpoints that want to know; the answer is how many were looked at."""
    events = yield Do("events_to_notice", [{"limit": BATCH}])
    if not events:
        return 0
    notices = []
    for event in events:
        notices += yield from _notice(event, now_ms)
    if notices:
        first_id = (yield Do("take_ids", [{"count": len(notices) * _IDS_FOR_ONE}]))[0]["first_id"]
        new_id = count(first_id).__next__
        yield from accept_all(notices, Context(node=node, new_id=new_id, new_webhook_id=new_webhook_id))
    yield Do("mark_noticed", [{"id": event["id"]} for event in events])
    return len(events)


def _notice(event: Row, now_ms: int) -> Steps[list[Incoming]]:
    kind = NOTICES.get(DeviceEventKind(event["kind"]))
    if kind is None:
        return []
    wanted = yield Do("kinds_wanted", [{"device": event["device"]}])
    labels = [row["label"] for row in wanted if kind in row["kinds"].split(",")]
    if not labels:
        return []
    return [_incoming(event, kind, labels[0], now_ms)]


def _incoming(event: Row, kind: Kind, label: str, now_ms: int) -> Incoming:
    """It is due in the table at once, for whichever node claims it."""
    uplink = Uplink(
        kind=kind,
        device=event["device"],
        device_text=label,
        time=event["at_ms"] // 1000,
        more={"event": event["kind"], **json.loads(event["facts"])},
    )
    return Incoming(uplink=uplink, raw=_NOBODY_CALLED, received_at_ms=now_ms, lease_until_ms=None)
