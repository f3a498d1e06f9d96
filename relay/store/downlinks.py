"""Downlinks as owners and operators deal with them: the queue of a device, and what was."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relay.domain.activity import Deed
from relay.domain.downlink_state import DownlinkSource, DownlinkState
from relay.errors import DownlinkRefused, sentence
from relay.store.activity import noted
from relay.store.choosing import DAY_MS
from relay.store.driver import Do, Driver, Row, Steps, rows_of

LAST_ID = 2**63 - 1
MOST_PENDING = 100
"""In the queue of one device; at four a day it lasts for weeks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Downlink:
    """A downlink that was queued or handed over. `data` is 16 hex digits.

    `tries` counts how often it was handed to Sigfox, `uplink_id` is the message that it last answered.
    `info_code` and `info_message` are what the last ACKNOWLEDGE callback said.
    """

    id: int
    device: int
    source: DownlinkSource
    data: str
    label: str
    state: DownlinkState
    created_at_ms: int
    expires_at_ms: int | None
    tries: int
    most_tries: int
    uplink_id: int | None
    sent_at_ms: int | None
    ended_at_ms: int | None
    info_code: int | None
    info_message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What is to be put in a queue: `data` as `parse_downlink_data` gives it; None never expires."""

    device: int
    data: str
    label: str = ""
    expires_at_ms: int | None = None
    most_tries: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class DownlinkPage:
    """`pending` stands in the order of the queue, on the first page only; `past` is newest first.

    `next_before` goes on from here; None at the end.
    """

    pending: Sequence[Downlink]
    past: Sequence[Downlink]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class Downlinks:
    """All downlinks of the store. Every method may raise `StoreUnavailable`."""

    driver: Driver

    async def push(self, push: Push, now_ms: int, deed: Deed | None = None) -> int | None:
        """Put a downlink at the end of a device's queue; its id, or None when there is no such device.

        Raises:
            DownlinkRefused: The queue is full.
        """
        return await self.driver.transact(noted(_push(push, now_ms, replaces=False), deed))

    async def replace(self, push: Push, now_ms: int, deed: Deed | None = None) -> int | None:
        """The same, and all that was in the queue is cancelled."""
        return await self.driver.transact(noted(_push(push, now_ms, replaces=True), deed))

    async def list(self, device: int, *, before: int = LAST_ID, limit: int = 50) -> DownlinkPage:
        """What waits in the queue, then what was, by pages: `before` is an id."""
        return await self.driver.transact(_list(device, before, limit))

    async def find(self, downlink_id: int) -> Downlink | None:
        """One downlink."""
        rows = await self.driver.transact(rows_of("read_downlink", id=downlink_id))
        return _downlink(rows[0]) if rows else None

    async def cancel(self, device: int, downlink_id: int, now_ms: int, deed: Deed | None = None) -> bool:
        """Take one out of the device's queue; false when it is not there (any more)."""
        steps = rows_of("cancel_downlink", id=downlink_id, device=device, now_ms=now_ms)
        return bool(await self.driver.transact(noted(steps, deed)))

    async def clear(self, device: int, now_ms: int, deed: Deed | None = None) -> int:
        """Empty the device's queue; the answer is how many were in it."""
        return await self.driver.transact(noted(_clear(device, now_ms), deed, _cleared))

    async def sent_today(self, device: int, now_ms: int) -> int:
        """How many downlinks were handed over for a device on this day in UTC."""
        rows = await self.driver.transact(rows_of("downlink_day", device=device))
        return rows[0]["sent"] if rows and rows[0]["day"] == now_ms // DAY_MS else 0


def _clear(device: int, now_ms: int) -> Steps[int]:
    return len((yield Do("clear_queue", [{"device": device, "now_ms": now_ms}])))


def _cleared(count: int) -> Mapping[str, str] | None:
    return {"count": str(count)} if count else None


def _push(push: Push, now_ms: int, *, replaces: bool) -> Steps[int | None]:
    if not (yield Do("lock_downlink_day", [{"device": push.device}])):
        return None
    if replaces:
        yield Do("clear_queue", [{"device": push.device, "now_ms": now_ms}])
    pending = yield Do("downlinks_pending", [{"device": push.device}])
    if len(pending) >= MOST_PENDING:
        raise DownlinkRefused(
            sentence("The queue of a device holds at most %(most)s downlinks. Empty it.", most=MOST_PENDING)
        )
    downlink_id: int = (yield Do("take_ids", [{"count": 1}]))[0]["first_id"]
    yield Do("insert_downlink", [_row(push, downlink_id, now_ms)])
    return downlink_id


def _row(push: Push, downlink_id: int, now_ms: int) -> dict[str, object]:
    return {
        "id": downlink_id,
        "device": push.device,
        "source": DownlinkSource.QUEUE,
        "data": push.data,
        "label": push.label,
        "state": DownlinkState.PENDING,
        "created_at_ms": now_ms,
        "expires_at_ms": push.expires_at_ms,
        "tries": 0,
        "most_tries": push.most_tries,
        "uplink_id": None,
        "sent_at_ms": None,
    }


def _list(device: int, before: int, limit: int) -> Steps[DownlinkPage]:
    pending = (yield Do("downlinks_pending", [{"device": device}])) if before == LAST_ID else ()
    past = yield Do("downlinks_past", [{"device": device, "before": before, "limit": limit}])
    return DownlinkPage(
        pending=[_downlink(row) for row in pending],
        past=[_downlink(row) for row in past],
        next_before=past[-1]["id"] if len(past) == limit else None,
    )


def _downlink(row: Row) -> Downlink:
    return Downlink(
        id=row["id"],
        device=row["device"],
        source=DownlinkSource(row["source"]),
        data=row["data"],
        label=row["label"],
        state=DownlinkState(row["state"]),
        created_at_ms=row["created_at_ms"],
        expires_at_ms=row["expires_at_ms"],
        tries=row["tries"],
        most_tries=row["most_tries"],
        uplink_id=row["uplink_id"],
        sent_at_ms=row["sent_at_ms"],
        ended_at_ms=row["ended_at_ms"],
        info_code=row["info_code"],
        info_message=row["info_message"],
    )
