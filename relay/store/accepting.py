"""How callbacks become uplinks and deliveries, many in one transaction."""

import json
from collections import defaultdict
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace

from relay.domain.delivery import Delivery, DeliveryState
from relay.domain.downlink import parse_template
from relay.domain.endpoint import EndpointState, SealedEndpoint
from relay.domain.uplink import Kind, Uplink
from relay.store.delivering import sealed_endpoint
from relay.store.driver import Do, Row, Steps
from relay.store.records import Accepted, Incoming

REPEAT_WINDOW_SECONDS = 600
"""Sigfox repeats a callback for 7 minutes; one without a time is known by its sequence number for so long."""

_Key = tuple[int, int, int, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who accepts: the node's name, and where fresh ids come from."""

    node: str
    new_id: Callable[[], int]
    new_webhook_id: Callable[[], str]


def accept_all(batch: Sequence[Incoming], context: Context) -> Steps[list[Accepted]]:
    """Keep a batch of callbacks; the answer has one `Accepted` for each, in order."""
    batch = yield from _with_times(batch)
    routes = yield from _routes(batch)
    kept = [_Kept(incoming, routes[incoming.uplink.device], context.new_id()) for incoming in batch]
    new_ids = {row["id"] for row in (yield Do("insert_uplink", [one.row() for one in kept]))}
    yield from _insert_callbacks([one for one in kept if one.id in new_ids])
    deliveries = yield from _insert_deliveries([one for one in kept if one.id in new_ids], context)
    first = yield from _count_repeats([one for one in kept if one.id not in new_ids])
    return [
        _accepted(one, one.id, one.downlink, False, deliveries[one.id])
        if one.id in new_ids
        else _accepted(one, *first[one.key], True, [])
        for one in kept
    ]


def _accepted(
    kept: "_Kept", uplink_id: int, downlink: str, repeated: bool, deliveries: list[Delivery]
) -> Accepted:
    asked = kept.incoming.uplink.ack and downlink != ""
    return Accepted(
        uplink_id=uplink_id,
        repeated=repeated,
        downlink=downlink if asked else None,
        deliveries=tuple(deliveries),
    )


@dataclass(slots=True)
class _Kept:
    """An incoming callback with its id and the rows of its device: none for an unknown device."""

    incoming: Incoming
    routes: Sequence[Row]
    id: int
    downlink: str = ""

    def __post_init__(self) -> None:
        if self.incoming.uplink.ack and self.routes and (template := self.routes[0]["downlink_template"]):
            uplink = self.incoming.uplink
            self.downlink = parse_template(template).render(uplink.time, uplink.rssi, uplink.station)

    @property
    def key(self) -> _Key:
        uplink = self.incoming.uplink
        return uplink.device, uplink.time, _seq_number(uplink), uplink.data, uplink.kind

    @property
    def endpoints(self) -> list[Row]:
        """Where it is to be delivered: only data goes to the owners' servers."""
        if self.incoming.uplink.kind is not Kind.DATA:
            return []
        return [row for row in self.routes if row["endpoint_id"] is not None]

    def row(self) -> dict[str, object]:
        uplink = self.incoming.uplink
        return {
            "id": self.id,
            "kind": uplink.kind,
            "device": uplink.device,
            "device_text": uplink.device_text,
            "time": uplink.time,
            "time_given": int(uplink.time_given),
            "seq_number": _seq_number(uplink),
            "data": uplink.data,
            "rssi": uplink.rssi,
            "snr": uplink.snr,
            "station": uplink.station,
            "ack": int(uplink.ack),
            "more": json.dumps(uplink.more) if uplink.more else "",
            "received_at_ms": self.incoming.received_at_ms,
            "unclaimed": int(uplink.kind is Kind.DATA and not self.endpoints),
            "downlink": self.downlink,
        }


def _seq_number(uplink: Uplink) -> int:
    return -1 if uplink.seq_number is None else uplink.seq_number


def _routes(batch: Sequence[Incoming]) -> Generator[Do, Sequence[Row], dict[int, list[Row]]]:
    routes: dict[int, list[Row]] = {incoming.uplink.device: [] for incoming in batch}
    for row in (yield Do("routes_of_device", [{"device": device} for device in routes])):
        routes[row["device"]].append(row)
    return routes


def _insert_callbacks(new: Sequence[_Kept]) -> Generator[Do, Sequence[Row], None]:
    yield Do("insert_callback", [_callback_row(one) for one in new])


def _callback_row(kept: _Kept) -> dict[str, object]:
    raw = kept.incoming.raw
    return {
        "id": kept.id,
        "received_at_ms": kept.incoming.received_at_ms,
        "kind": kept.incoming.uplink.kind,
        "method": raw.method,
        "query": raw.query,
        "content_type": raw.content_type,
        "body": raw.body,
    }


def _insert_deliveries(
    new: Sequence[_Kept], context: Context
) -> Generator[Do, Sequence[Row], dict[int, list[Delivery]]]:
    leased: dict[int, list[Delivery]] = defaultdict(list)
    rows = []
    for kept in new:
        for endpoint in kept.endpoints:
            row = _delivery_row(kept, endpoint, context)
            rows.append(row)
            if row["leased_by"] is not None:
                leased[kept.id].append(_leased_delivery(kept.incoming, row, sealed_endpoint(endpoint)))
    yield Do("insert_delivery", rows)
    return leased


def _delivery_row(kept: _Kept, endpoint: Row, context: Context) -> dict[str, object]:
    active = endpoint["state"] == EndpointState.ACTIVE
    lease_until_ms = kept.incoming.lease_until_ms if active else None
    leased = lease_until_ms is not None
    return {
        "id": context.new_id(),
        "uplink_id": kept.id,
        "endpoint_id": endpoint["endpoint_id"],
        "webhook_id": context.new_webhook_id(),
        "state": DeliveryState.WAITING if active else DeliveryState.HELD,
        "attempts": int(leased),
        "due_at_ms": lease_until_ms if leased else kept.incoming.received_at_ms,
        "leased_by": context.node if leased else None,
        "created_at_ms": kept.incoming.received_at_ms,
    }


def _leased_delivery(incoming: Incoming, row: dict[str, object], endpoint: SealedEndpoint) -> Delivery:
    uplink = incoming.uplink
    return Delivery(
        id=int(str(row["id"])),
        webhook_id=str(row["webhook_id"]),
        endpoint=endpoint,
        attempt=1,
        tries=1,
        device_label=uplink.label,
        time=uplink.time,
        data=uplink.data,
        snr=uplink.snr,
        rssi=uplink.rssi,
        received_at_ms=incoming.received_at_ms,
        lease_until_ms=incoming.lease_until_ms or 0,
    )


def _count_repeats(repeated: Sequence[_Kept]) -> Generator[Do, Sequence[Row], dict[_Key, tuple[int, str]]]:
    first: dict[_Key, tuple[int, str]] = {}
    for kept in repeated:
        device, time, seq_number, data, kind = kept.key
        key = {"device": device, "time": time, "seq_number": seq_number, "data": data, "kind": kind}
        rows = yield Do("repeat_uplink", [{**key, "downlink": kept.downlink}])
        first[kept.key] = (rows[0]["id"], rows[0]["downlink"])
    return first


def _with_times(batch: Sequence[Incoming]) -> Generator[Do, Sequence[Row], Sequence[Incoming]]:
    """Give a repeated callback without a time of its own the time of the first one."""
    if all(incoming.uplink.time_given for incoming in batch):
        return batch
    seen: dict[tuple[int, int, str], int] = {}
    timed = []
    for incoming in batch:
        timed.append((yield from _with_time(incoming, seen)))
    return timed


def _with_time(
    incoming: Incoming, seen: dict[tuple[int, int, str], int]
) -> Generator[Do, Sequence[Row], Incoming]:
    uplink = incoming.uplink
    if uplink.time_given or uplink.seq_number is None:
        return incoming
    short_key = (uplink.device, uplink.seq_number, uplink.data)
    if short_key not in seen:
        rows = yield Do("recent_without_time", [_recent_row(uplink)])
        seen[short_key] = rows[0]["time"] if rows else uplink.time
    return replace(incoming, uplink=replace(uplink, time=seen[short_key]))


def _recent_row(uplink: Uplink) -> dict[str, object]:
    return {
        "device": uplink.device,
        "since": uplink.time - REPEAT_WINDOW_SECONDS,
        "seq_number": uplink.seq_number,
        "data": uplink.data,
        "kind": uplink.kind,
    }
