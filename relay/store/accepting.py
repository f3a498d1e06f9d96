"""How callbacks become uplinks and deliveries, many in one transaction."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from relay.domain.delivery import Delivery
from relay.domain.endpoint import EndpointState, wants
from relay.domain.radio import Radio
from relay.domain.uplink import Kind, Uplink
from relay.store.answering import with_downlinks
from relay.store.driver import Do, Row, Steps
from relay.store.hearing import Heard, keep_radio, messages_in
from relay.store.kept import WAITING, Context, Kept, key_of
from relay.store.notices import Notice
from relay.store.records import Accepted, Incoming

REPEAT_WINDOW_SECONDS = 600
"""Sigfox repeats a callback for 7 minutes; one without a time is known by its sequence number for so long."""


def accept_all(batch: Sequence[Incoming], context: Context) -> Steps[list[Accepted]]:
    """Keep a batch of callbacks; the answer has one `Accepted` for each, in order."""
    batch = yield from _with_times(batch)
    messages = yield from messages_in(batch)
    kept = yield from _prepare([*batch, *messages.values()], context)
    # Nodes that accept the same callbacks at once lock them in the same order.
    in_order = sorted(kept, key=_order)
    new_ids = {row["id"] for row in (yield Do("insert_uplink", [one.row() for one in in_order]))}
    new = [one for one in kept if one.id in new_ids]
    # Of two rows of one callback the first one names its kind.
    callbacks = {one.callback_id: one.callback_row() for one in reversed(new)}
    yield Do("insert_callback", list(callbacks.values()))
    leased = yield from _insert_deliveries(new, context)
    first = yield from _count_repeats([one for one in in_order if one.id not in new_ids])
    answers = [_accepted(one, first.get(one.id), leased[one.id]) for one in kept]
    rows = [first.get(one.id) for one in kept]
    if messages:
        yield from keep_radio([_heard(one, first.get(one.id)) for one in kept[len(batch) :]])
    answers = yield from with_downlinks([one.incoming for one in kept], answers, rows, context.new_id)
    return _by_message(answers, len(batch), messages)


def _order(one: Kept) -> tuple[object, ...]:
    uplink = one.incoming.uplink
    return uplink.device, uplink.time, uplink.key_number, uplink.data, uplink.kind


def _heard(message: Kept, first: Row | None) -> Heard:
    return Heard(
        uplink_id=message.id if first is None else first["id"],
        known="" if first is None else first["radio"],
        radio=message.incoming.uplink.radio or Radio(),
        received_at_ms=message.incoming.received_at_ms,
    )


def _by_message(answers: list[Accepted], count: int, positions: Iterable[int]) -> list[Accepted]:
    """One answer for each callback; where it held a message, the one about that."""
    by_callback = answers[:count]
    for position, answer in zip(positions, answers[count:], strict=True):
        by_callback[position] = answer
    return by_callback


def _accepted(kept: Kept, first: Row | None, leased: Sequence[Delivery]) -> Accepted:
    """`first` is the row that was there already, if the callback is a repeat."""
    return Accepted(
        uplink_id=kept.id if first is None else first["id"],
        repeated=first is not None,
        downlink=None,
        deliveries=tuple(leased),
    )


def _prepare(batch: Sequence[Incoming], context: Context) -> Steps[list[Kept]]:
    """Uplinks of one request share its raw callback: a batch of a thousand lines is kept once."""
    routes = yield from _routes(batch)
    callback_ids: dict[int, int] = {}
    kept = []
    for incoming in batch:
        uplink_id, rows = context.new_id(), routes[incoming.uplink.device]
        kept.append(
            Kept(
                id=uplink_id,
                callback_id=callback_ids.setdefault(id(incoming.raw), uplink_id),
                incoming=incoming,
                routes=rows,
                endpoints=_endpoints(incoming.uplink, rows),
            )
        )
    return kept


def _routes(batch: Sequence[Incoming]) -> Steps[dict[int, list[Row]]]:
    """Where there is no open way this is read again, when nobody can be opening one."""
    routes = yield from _read_routes(incoming.uplink.device for incoming in batch)
    if any(row["ordered"] for rows in routes.values() for row in rows):
        yield Do("keep_order")
    closed = [device for device, rows in routes.items() if not _is_open(rows)]
    if not closed:
        return routes
    yield Do("share_ways")
    return routes | (yield from _read_routes(closed))


def _read_routes(devices: Iterable[int]) -> Steps[dict[int, list[Row]]]:
    routes: dict[int, list[Row]] = {device: [] for device in devices}
    for row in (yield Do("routes_of_devices", [{"devices": ",".join(map(str, routes))}])):
        routes[row["device"]].append(row)
    return routes


def _is_open(rows: Sequence[Row]) -> bool:
    return bool(rows) and all(row["state"] == EndpointState.ACTIVE for row in rows)


def _endpoints(uplink: Uplink, routes: Sequence[Row]) -> list[Row]:
    """Those that ask for its kind; a device without an endpoint has a row of its own."""
    kind = uplink.kind
    return [row for row in routes if row["endpoint_id"] is not None and wants(row["kinds"], kind)]


def _insert_deliveries(new: Sequence[Kept], context: Context) -> Steps[Mapping[int, list[Delivery]]]:
    """Promise each new uplink to its endpoints; returns what is leased to this node, by uplink."""
    pairs = [(kept, endpoint) for kept in new for endpoint in kept.endpoints]
    endpoints = [endpoint for _, endpoint in pairs]
    busy = yield from _busy_in_order(endpoints)
    ids = yield from _delivery_ids(endpoints, context)
    promises: list[Mapping[str, Any]] = []
    leased: dict[int, list[Delivery]] = defaultdict(list)
    for (kept, endpoint), delivery_id in zip(pairs, ids, strict=True):
        may_go = endpoint["state"] == EndpointState.ACTIVE and endpoint["endpoint_id"] not in busy
        if may_go and endpoint["ordered"]:
            busy.add(endpoint["endpoint_id"])
        promise = kept.promise(endpoint, delivery_id, context, may_go=may_go)
        promises.append(promise)
        if promise["leased_by"] is not None:
            leased[kept.id].append(kept.leased(promise, endpoint))
    yield Do("insert_delivery", promises)
    if any(promise["state"] == WAITING and not promise["attempts"] for promise in promises):
        yield Notice(work=True)
    return leased


def _busy_in_order(endpoints: Sequence[Row]) -> Steps[set[int]]:
    """Ordered endpoints at which an older message is still under way: a new one has to wait behind it."""
    ordered = {endpoint["endpoint_id"] for endpoint in endpoints if endpoint["ordered"]}
    rows = yield Do("open_in_order", [{"endpoint_id": endpoint_id} for endpoint_id in sorted(ordered)])
    return {row["endpoint_id"] for row in rows}


def _delivery_ids(endpoints: Sequence[Row], context: Context) -> Steps[list[int]]:
    """Where messages go in order ids must grow with time: those that a node has in reserve may be old."""
    in_order = sum(bool(endpoint["ordered"]) for endpoint in endpoints)
    if not in_order:
        return [context.new_id() for _ in endpoints]
    first_id = (yield Do("take_ids", [{"count": in_order}]))[0]["first_id"]
    taken = iter(range(first_id, first_id + in_order))
    return [next(taken) if endpoint["ordered"] else context.new_id() for endpoint in endpoints]


def _count_repeats(repeated: Sequence[Kept]) -> Steps[dict[int, Row]]:
    """The row of the first one for each repeat, by the repeat's own id, which is not kept."""
    rows = yield Do("repeat_uplink", [_repeat_row(one) for one in repeated])
    return {one.id: row for one, row in zip(repeated, rows, strict=True)}


def _repeat_row(repeated: Kept) -> dict[str, object]:
    names = ("rssi", "snr", "station", "ack", "more")
    row, uplink = repeated.row(), repeated.incoming.uplink
    return {**key_of(uplink), **{name: row[name] for name in names}, "repeats": int(uplink.radio is None)}


def _with_times(batch: Sequence[Incoming]) -> Steps[Sequence[Incoming]]:
    """Give a repeated callback without a time of its own the time of the first one."""
    if all(incoming.uplink.time_given for incoming in batch):
        return batch
    seen: dict[tuple[Kind, int, int, str], int] = {}
    timed = []
    for incoming in batch:
        timed.append((yield from _with_time(incoming, seen)))
    return timed


def _with_time(incoming: Incoming, seen: dict[tuple[Kind, int, int, str], int]) -> Steps[Incoming]:
    uplink = incoming.uplink
    if uplink.time_given or uplink.key_number == -1:
        return incoming
    timeless_key = (uplink.kind, uplink.device, uplink.key_number, uplink.data)
    if timeless_key not in seen:
        rows = yield Do("recent_without_time", [_recent_row(uplink)])
        seen[timeless_key] = rows[0]["time"] if rows else uplink.time
    return replace(incoming, uplink=replace(uplink, time=seen[timeless_key]))


def _recent_row(uplink: Uplink) -> dict[str, object]:
    return {
        "device": uplink.device,
        "since": uplink.time - REPEAT_WINDOW_SECONDS,
        "until": uplink.time + REPEAT_WINDOW_SECONDS,
        "seq_number": uplink.key_number,
        "data": uplink.data,
        "kind": uplink.kind,
    }
