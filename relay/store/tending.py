"""What must be done for endpoints from time to time: probe the closed, drain the opened, replay ranges."""

from collections.abc import Sequence

from relay.domain.endpoint import EndpointState
from relay.store.driver import Do, Row, Steps
from relay.store.notices import about, endpoint_changed
from relay.store.replays import OPEN
from relay.store.settling import release_next

MOST_ENDPOINTS = 200
DRAIN_AT_ONCE = 10
"""Held deliveries of one endpoint that may be due at the same time: with one sweep a second, its rate."""
LOOK_AGAIN_MS = 10 * 60 * 1000
"""When there was nothing to probe with, or nothing more was heard of a probe."""
LATE_MS = 30_000
"""For how long an opened endpoint is looked after: the longest that a transaction may take, and more."""
REPLAY_AT_ONCE = 10
MOST_REPLAYS = 20


def probe_closed(now_ms: int, most_tries: int) -> Steps[int]:
    """Let one held delivery go at each closed endpoint whose probe is due; the answer is how many."""
    endpoints = yield Do("endpoints_to_probe", [{"now_ms": now_ms, "limit": MOST_ENDPOINTS}])
    started = 0
    for endpoint in endpoints:
        started += yield from _probe(endpoint, now_ms, most_tries)
    return started


def _probe(endpoint: Row, now_ms: int, most_tries: int) -> Steps[int]:
    """A probe is the next try of a message, so it is not made before that is due."""
    found = yield from _find_probe(endpoint, now_ms, most_tries)
    probe = {"id": endpoint["id"], "delivery_id": None, "probe_at_ms": now_ms + LOOK_AGAIN_MS}
    if found is None:  # only a new message can probe it: what is held has spent its tries
        yield Do("start_probe", [probe])
        return 0
    if found["due_at_ms"] > now_ms:
        yield Do("start_probe", [{**probe, "probe_at_ms": min(found["due_at_ms"], now_ms + LOOK_AGAIN_MS)}])
        return 0
    yield Do("start_probe", [{**probe, "delivery_id": found["id"]}])
    yield Do("make_due", [{"id": found["id"], "now_ms": now_ms, "most_tries": most_tries}])
    yield about(endpoint["device"], work=True)
    return 1


def _find_probe(endpoint: Row, now_ms: int, most_tries: int) -> Steps[Row | None]:
    """Where messages go in order, none but the oldest may go, if need be in a new round."""
    held = {"endpoint_id": endpoint["id"]}
    if endpoint["ordered"]:
        found = yield Do("oldest_held", [held])
    else:
        found = yield Do("next_held_with_tries", [{**held, "now_ms": now_ms, "most_tries": most_tries}])
    return found[0] if found else None


def drain_opened(now_ms: int) -> Steps[int]:
    """Make held deliveries of active endpoints due, oldest first, a few at a time; the answer is how many."""
    yield Do("change_ways")  # else what is being held at this moment by another node stays behind
    endpoints = yield Do("endpoints_to_drain", [{"turn": _turn(now_ms), "limit": MOST_ENDPOINTS}])
    released = 0
    for endpoint in endpoints:
        released += yield from _drain(endpoint, now_ms)
    return released


def _turn(now_ms: int) -> int:
    """Another number below 997 in each second: where endpoints are many, each is among the first at times."""
    return pow(7, now_ms // 1000, 997)


def _drain(endpoint: Row, now_ms: int) -> Steps[int]:
    if endpoint["ordered"]:
        return (yield from _drain_in_order(endpoint["id"], now_ms))
    wanted = {"endpoint_id": endpoint["id"], "now_ms": now_ms}
    due = yield Do("due_at_endpoint", [{**wanted, "limit": DRAIN_AT_ONCE}])
    room = DRAIN_AT_ONCE - len(due)
    if room <= 0:
        return 0
    released = yield Do("release_held", [{**wanted, "limit": room}])
    if released:
        yield about(endpoint["device"], work=True)
    if len(released) < room:
        yield _drained(endpoint["id"], now_ms)
    return len(released)


def _drain_in_order(endpoint_id: int, now_ms: int) -> Steps[int]:
    """One starts the chain: what ends lets the next one go (`settling`)."""
    released = yield from release_next(endpoint_id, now_ms)
    yield _drained(endpoint_id, now_ms)
    return released


def _drained(endpoint_id: int, now_ms: int) -> Do:
    return Do("drained", [{"id": endpoint_id, "now_ms": now_ms, "until_ms": now_ms + LATE_MS}])


def advance_replays(now_ms: int) -> Steps[int]:
    """Take each running replay a few deliveries further; the answer is how many were made due."""
    replays = yield Do("running_replays", [{"limit": MOST_REPLAYS}])
    made_due = 0
    for replay in replays:
        made_due += yield from _advance(replay, now_ms)
    return made_due


def _advance(replay: Row, now_ms: int) -> Steps[int]:
    rows = yield from _next_of(replay)
    yield from send_again([row["id"] for row in rows], now_ms)
    yield Do("advance_replay", [_progress(replay, rows)])
    return len(rows)


def _next_of(replay: Row) -> Steps[Sequence[Row]]:
    """The oldest to which the replay has not come yet."""
    names = ("device", "cursor_id", "since_ms", "until_ms", "states")
    wanted = {**{name: replay[name] for name in names}, "limit": REPLAY_AT_ONCE}
    if replay["states"] not in OPEN:
        return (yield Do("next_to_replay", [wanted]))
    asked = [{**wanted, "states": state} for state in OPEN[replay["states"]]]
    found = yield Do("next_open_to_replay", asked)
    return sorted(found, key=lambda row: int(row["id"]))[:REPLAY_AT_ONCE]


def send_again(delivery_ids: Sequence[int], now_ms: int) -> Steps[int]:
    """Make deliveries due in a new round, but for those under way; the answer is how many."""
    again = yield Do("replay_delivery", [{"id": one, "now_ms": now_ms} for one in delivery_ids])
    yield Do(
        "go_on_in_order", [{"endpoint_id": one} for one in sorted({row["endpoint_id"] for row in again})]
    )
    if again:
        yield about(*(row["device"] for row in again), work=True)
    return len(again)


def _progress(replay: Row, rows: Sequence[Row]) -> dict[str, object]:
    return {
        "id": replay["id"],
        "cursor_id": rows[-1]["id"] if rows else replay["cursor_id"],
        "count": len(rows),
        "state": "running" if len(rows) == REPLAY_AT_ONCE else "done",
    }


def pause(endpoint_id: int) -> Steps[bool]:
    """Hold everything until the owner resumes; what is under way ends. False without such an endpoint."""
    return (yield from _set_state(endpoint_id, EndpointState.PAUSED, draining=0))


def resume(endpoint_id: int) -> Steps[bool]:
    """Open it again; what is held goes out, oldest first, at a bounded rate. False as above."""
    yield Do("change_ways")
    return (yield from _set_state(endpoint_id, EndpointState.ACTIVE, draining=1))


def set_ordered(endpoint_id: int, ordered: bool) -> Steps[bool]:
    """One message at a time in the order of arrival, or not; false when there is no such endpoint."""
    rows = yield Do("set_ordered", [{"id": endpoint_id, "ordered": int(ordered)}])
    for row in rows:
        yield endpoint_changed(row["device"], endpoint_id)
    return bool(rows)


def _set_state(endpoint_id: int, state: EndpointState, *, draining: int) -> Steps[bool]:
    rows = yield Do("set_endpoint_state", [{"id": endpoint_id, "state": state, "draining": draining}])
    for row in rows:
        yield endpoint_changed(row["device"], endpoint_id)
    return bool(rows)


def discard_some(endpoint_id: int, before: int, now_ms: int, limit: int) -> Steps[int]:
    """Give up held deliveries with an id below `before`; they stay listed and can be replayed."""
    discarded = yield Do(
        "discard_held", [{"endpoint_id": endpoint_id, "before": before, "now_ms": now_ms, "limit": limit}]
    )
    for device in {row["device"] for row in discarded}:
        yield about(device)
    return len(discarded)


def newest_held(endpoint_id: int) -> Steps[int | None]:
    """The newest held delivery of an endpoint."""
    rows = yield Do("newest_held", [{"endpoint_id": endpoint_id}])
    return rows[0]["id"] if rows else None
