"""Concurrent `accept` and `settle` calls share transactions.

There is no timer for what somebody waits for: a transaction takes what gathered while the last one ran.
Outcomes, for which nobody waits, are held back a moment so that they ride along with the next accept.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from relay.deadlines import Deadlines
from relay.domain.device import parse_device_id
from relay.domain.health import HealthPolicy
from relay.errors import StoreUnavailable
from relay.store.accepting import accept_all
from relay.store.driver import Do, Driver, Steps, rows_of
from relay.store.kept import Context
from relay.store.notices import Notice
from relay.store.records import Accepted, Incoming, Settlement
from relay.store.settling import HealthChange, settle_all

_log = logging.getLogger(__name__)

MOST_WAITING = 5000
BUSY_WAITING = 20
LARGEST_BATCH = 500
SETTLE_HOLD_SECONDS = 0.05
ID_BLOCK = 10_000
IDS_KEPT_SECONDS = 60.0
"""What a node holds in reserve it gives up after that: so ids grow with time, whichever node takes them."""
_IDS_FOR_ONE = 13
"""Ids that one callback may use: its own, its downlink's, and one for each endpoint of its device."""


@dataclass(slots=True)
class _Waiting:
    incoming: Incoming
    answer: "asyncio.Future[Accepted]"


@dataclass(slots=True)
class GroupCommit:
    """The one writer of uplinks and outcomes. `run` must be running for `accept` and `settle` to end."""

    driver: Driver
    node: str
    new_webhook_id: Callable[[], str]
    health_policy: HealthPolicy
    on_health: Callable[[Sequence[HealthChange]], None] = lambda _: None
    has_room: Callable[[], bool] = lambda: True
    is_behind: bool = False
    """Whether outcomes wait that the database refused; their deliveries look as if they were never tried."""
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    _accepts: list[_Waiting] = field(default_factory=list)
    _settlements: list[Settlement] = field(default_factory=list)
    _watched: "dict[tuple[int, int], asyncio.Future[None]]" = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _urgent: asyncio.Event = field(default_factory=asyncio.Event)
    _next_id: int = 0
    _ids_end: int = 0
    _ids_until: float = 0.0
    _closing: bool = False
    _deadlines: dict[float, Deadlines] = field(default_factory=dict)

    @property
    def is_busy(self) -> bool:
        """Whether so many callbacks wait that what can wait should."""
        return len(self._accepts) > BUSY_WAITING

    async def accept(self, incoming: Incoming, within_seconds: float) -> Accepted:
        """Keep a callback; returns once it is durable.

        Raises:
            StoreUnavailable: There is no room, too many wait already, or it was not durable in time (it may
                become so later).
        """
        if self._closing:
            raise StoreUnavailable("the database is being closed")
        if not self.has_room():
            raise StoreUnavailable("the disk of the database is nearly full")
        if len(self._accepts) >= MOST_WAITING:
            raise StoreUnavailable("too many callbacks wait for the database")
        answer: asyncio.Future[Accepted] = self._loop.create_future()
        self._accepts.append(_Waiting(incoming, answer))
        self._urgent.set()
        self._wake.set()
        deadline = self._deadlines_after(within_seconds).start(partial(_give_up, answer, within_seconds))
        try:
            return await answer
        finally:
            deadline.cancel()

    def _deadlines_after(self, seconds: float) -> Deadlines:
        return self._deadlines.get(seconds) or self._deadlines.setdefault(seconds, Deadlines(seconds))

    def settle(self, settlement: Settlement) -> None:
        """Write down an outcome soon; if the process dies before, the delivery is tried once more."""
        self._settlements.append(settlement)
        self._wake.set()

    async def settled(self, settlement: Settlement, within_seconds: float) -> None:
        """Write down an outcome; returns once that is done, or its time is over and it is done later."""
        attempt = (settlement.delivery.id, settlement.delivery.attempt)
        written = self._watched[attempt] = self._loop.create_future()
        self.settle(settlement)
        try:
            await asyncio.wait([written], timeout=within_seconds)
        finally:
            self._watched.pop(attempt, None)

    async def run(self) -> None:
        """Commit until `close`; then what is left, and return."""
        while not (self._closing and not self._accepts and not self._settlements):
            await self._wake.wait()
            await self._let_outcomes_gather()
            await self._commit_once()
            if not self._accepts and not self._settlements and not self._closing:
                self._wake.clear()

    def close(self) -> None:
        """Take no more callbacks and let `run` end when all is written."""
        self._closing = True
        self._urgent.set()
        self._wake.set()

    async def _let_outcomes_gather(self) -> None:
        if self._accepts or self._closing:
            return
        self._urgent.clear()
        try:
            await asyncio.wait_for(self._urgent.wait(), SETTLE_HOLD_SECONDS)
        except TimeoutError:
            return

    async def _commit_once(self) -> None:
        """Each group is at most as large as a transaction should be; whoever gave up waiting is left out."""
        accepts, self._accepts = self._accepts[:LARGEST_BATCH], self._accepts[LARGEST_BATCH:]
        settlements, self._settlements = self._settlements[:LARGEST_BATCH], self._settlements[LARGEST_BATCH:]
        accepts = [one for one in accepts if not one.answer.done()]
        try:
            await self._commit(accepts, settlements)
            self.is_behind = self.is_behind and bool(self._settlements)
        except StoreUnavailable as error:
            self.is_behind = self.is_behind or bool(settlements)
            _refuse(accepts, error)
            await self._settle_later(settlements)
            return
        except Exception:  # one row that the database cannot hold must not take the others with it
            await self._commit_one_by_one(accepts, settlements)
        self._tell(settlements)

    def _tell(self, settlements: Sequence[Settlement]) -> None:
        for one in settlements if self._watched else ():
            written = self._watched.pop((one.delivery.id, one.delivery.attempt), None)
            if written is not None and not written.done():
                written.set_result(None)

    async def _settle_later(self, settlements: list[Settlement]) -> None:
        """Outcomes wait until the database takes them, but never keep the process from its end."""
        self._settlements = settlements + self._settlements
        if self._closing:  # their leases run out, and they are tried once more
            _log.error("delivery.not_settled", extra={"count": len(self._settlements)})
            self._settlements.clear()
        else:
            await asyncio.sleep(SETTLE_HOLD_SECONDS)

    async def _commit(self, accepts: Sequence[_Waiting], settlements: Sequence[Settlement]) -> None:
        if not accepts and not settlements:
            return
        if accepts:
            await self._reserve_ids(len(accepts) * _IDS_FOR_ONE)
        accepted, changes = await self.driver.transact(
            self._steps([one.incoming for one in accepts], settlements)
        )
        for one, result in zip(accepts, accepted, strict=True):
            if not one.answer.done():
                one.answer.set_result(result)
        if changes:
            self._loop.call_soon(self.on_health, changes)

    def _steps(
        self, incoming: Sequence[Incoming], settlements: Sequence[Settlement]
    ) -> Steps[tuple[list[Accepted], list[HealthChange]]]:
        context = Context(node=self.node, new_id=self._take_id, new_webhook_id=self.new_webhook_id)
        if any(one.delivery.endpoint.ordered for one in settlements):
            yield Do("keep_order")
        accepted = (yield from accept_all(incoming, context)) if incoming else []
        changes = (yield from settle_all(settlements, self.node, self.health_policy)) if settlements else []
        if self.driver.notices.are_wanted:
            yield Notice(devices=_devices(incoming, settlements))
        return accepted, changes

    async def _commit_one_by_one(
        self, accepts: Sequence[_Waiting], settlements: Sequence[Settlement]
    ) -> None:
        for one in accepts:
            try:
                await self._commit([one], [])
            except Exception as error:  # whoever waits for this one is told
                _refuse([one], error)
        for settlement in settlements:
            try:
                await self._commit([], [settlement])
            except Exception:  # its lease runs out and it is tried again
                _log.exception("delivery.not_settled", extra={"delivery": settlement.delivery.id})

    async def _reserve_ids(self, count: int) -> None:
        now = self._loop.time()
        if self._ids_end - self._next_id < count or now >= self._ids_until:
            block = max(ID_BLOCK, count)
            rows = await self.driver.transact(rows_of("take_ids", count=block))
            self._next_id = rows[0]["first_id"]
            self._ids_end = self._next_id + block
            self._ids_until = now + IDS_KEPT_SECONDS

    def _take_id(self) -> int:
        if self._next_id >= self._ids_end:
            raise AssertionError("more ids were taken than reserved")
        self._next_id += 1
        return self._next_id - 1


def _devices(incoming: Sequence[Incoming], settlements: Sequence[Settlement]) -> frozenset[int]:
    came = {one.uplink.device for one in incoming}
    return frozenset(came.union(parse_device_id(one.delivery.device_label) for one in settlements))


def _refuse(accepts: Sequence[_Waiting], error: Exception) -> None:
    for one in accepts:
        if not one.answer.done():
            one.answer.set_exception(error)


def _give_up(answer: "asyncio.Future[Accepted]", after_seconds: float) -> None:
    if not answer.done():
        answer.set_exception(StoreUnavailable(f"not durable within {after_seconds:g} s"))
