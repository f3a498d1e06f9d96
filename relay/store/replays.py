"""Orders to send a range of deliveries again; `relay.store.tending` takes them further, a few at a time."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from relay.domain.activity import Deed
from relay.domain.delivery import DeliveryState
from relay.store.activity import noted, write_activity
from relay.store.driver import Do, Driver, Row, Steps, rows_of


class ReplayedStates(enum.StrEnum):
    """Which deliveries of a range are sent again; what waits is on its way anyhow."""

    DEAD = "dead"
    HELD = "held"
    UNDELIVERED = "undelivered"  # both
    DELIVERED = "delivered"
    ALL = "all"


OPEN: Mapping[str, Sequence[DeliveryState]] = {
    ReplayedStates.DEAD: [DeliveryState.DEAD],
    ReplayedStates.HELD: [DeliveryState.HELD],
    ReplayedStates.UNDELIVERED: [DeliveryState.DEAD, DeliveryState.HELD],
}
"""What is not delivered has indexes by its state, so it is found among any number that is."""
MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Deliveries of a device that were made between two moments, both included."""

    device: int
    states: ReplayedStates
    since_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """An order and how far it is; `state` is `running`, `done` or `cancelled`."""

    id: int
    range: Range
    total: int
    done: int
    state: str
    created_at_ms: int


@dataclass(frozen=True, slots=True)
class Replays:
    """All such orders of the store. Every method may raise `StoreUnavailable`."""

    driver: Driver

    async def count(self, wanted: Range) -> int:
        """How many deliveries it would send again."""
        return await self.driver.transact(_count(wanted))

    async def start(self, wanted: Range, now_ms: int, deed: Deed | None = None) -> Replay:
        """Order it."""
        return await self.driver.transact(noted(_start(wanted, now_ms), deed, _total))

    async def list(self, limit: int) -> Sequence[Replay]:
        """The newest orders, newest first."""
        return [_replay(row) for row in await self.driver.transact(rows_of("list_replays", limit=limit))]

    async def of_device(self, device: int, limit: int) -> Sequence[Replay]:
        """The newest orders for a device, newest first."""
        rows = await self.driver.transact(rows_of("replays_of_device", device=device, limit=limit))
        return [_replay(row) for row in rows]

    async def cancel(self, replay_id: int, deed: Deed | None = None) -> bool:
        """Stop one; what it made due already is sent. False when no such order runs.

        A deed is written down for the device that the order is about.
        """
        return await self.driver.transact(_cancel(replay_id, deed))


def _total(replay: Replay) -> Mapping[str, str]:
    return {"count": str(replay.total)}


def _cancel(replay_id: int, deed: Deed | None) -> Steps[bool]:
    rows = yield Do("cancel_replay", [{"id": replay_id}])
    if deed is not None:
        for row in rows:
            yield from write_activity(replace(deed, device=row["device"]))
    return bool(rows)


def _start(wanted: Range, now_ms: int) -> Steps[Replay]:
    total = yield from _count(wanted)
    taken = yield Do("take_ids", [{"count": 1}])
    replay_id = taken[0]["first_id"]
    yield Do("insert_replay", [{**asdict(wanted), "id": replay_id, "total": total, "now_ms": now_ms}])
    return Replay(id=replay_id, range=wanted, total=total, done=0, state="running", created_at_ms=now_ms)


def _count(wanted: Range) -> Steps[int]:
    if wanted.states in OPEN:
        asked = {**asdict(wanted), "most": MOST_COUNTED}
        rows = yield Do("count_open_to_replay", [{**asked, "states": one} for one in OPEN[wanted.states]])
    else:
        rows = yield Do("count_to_replay", [asdict(wanted)])
    return sum(row["count"] for row in rows)


def _replay(row: Row) -> Replay:
    return Replay(
        id=row["id"],
        range=Range(
            device=row["device"],
            states=ReplayedStates(row["states"]),
            since_ms=row["since_ms"],
            until_ms=row["until_ms"],
        ),
        total=row["total"],
        done=row["done"],
        state=row["state"],
        created_at_ms=row["created_at_ms"],
    )
