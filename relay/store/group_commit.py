"""Concurrent `accept` and `settle` calls share transactions.

There is no timer for what somebody waits for: a transaction takes what gathered while the last one ran.
Outcomes, for which nobody waits, are held back a moment so that they ride along with the next accept.
"""

import asyncio
import logging
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field

from relay.errors import StoreUnavailable
from relay.store.accepting import Context, accept_all
from relay.store.delivering import settle_all
from relay.store.driver import Do, Driver, Row, rows_of
from relay.store.records import Accepted, Incoming, Settlement

_log = logging.getLogger(__name__)

MOST_WAITING = 5000
LARGEST_BATCH = 500
SETTLE_HOLD_SECONDS = 0.05
ID_BLOCK = 10_000
_IDS_FOR_ONE = 12
"""Ids that one callback may use: its own, and one for each endpoint of its device."""


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
    _accepts: list[_Waiting] = field(default_factory=list)
    _settlements: list[Settlement] = field(default_factory=list)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _urgent: asyncio.Event = field(default_factory=asyncio.Event)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)
    _next_id: int = 0
    _ids_end: int = 0
    _closing: bool = False

    async def accept(self, incoming: Incoming, within_seconds: float) -> Accepted:
        """Keep a callback; returns once it is durable.

        Raises:
            StoreUnavailable: Too many wait already, or it was not durable in time (it may become so later).
        """
        if len(self._accepts) >= MOST_WAITING or self._closing:
            raise StoreUnavailable("too many callbacks wait for the database")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Accepted] = loop.create_future()
        self._accepts.append(_Waiting(incoming, answer))
        self._urgent.set()
        self._wake.set()
        # A bare timer: asyncio.wait_for costs more than all else that happens here.
        timer = loop.call_later(within_seconds, _give_up, answer, within_seconds)
        try:
            return await answer
        finally:
            timer.cancel()

    def settle(self, settlement: Settlement) -> None:
        """Write down an outcome soon; if the process dies before, the delivery is tried once more."""
        self._settlements.append(settlement)
        self._wake.set()

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
        accepts, self._accepts = self._accepts[:LARGEST_BATCH], self._accepts[LARGEST_BATCH:]
        settlements, self._settlements = self._settlements[:LARGEST_BATCH], self._settlements[LARGEST_BATCH:]
        accepts = [one for one in accepts if not one.answer.done()]
        try:
            await self._commit(accepts, settlements)
        except StoreUnavailable as error:
            _refuse(accepts, error)
            self._settlements = settlements + self._settlements
            await asyncio.sleep(SETTLE_HOLD_SECONDS)
        except Exception:  # one row that the database cannot hold must not take the others with it
            await self._commit_one_by_one(accepts, settlements)

    async def _commit(self, accepts: Sequence[_Waiting], settlements: Sequence[Settlement]) -> None:
        if accepts:
            await self._reserve_ids(len(accepts) * _IDS_FOR_ONE)
        accepted = await self.driver.transact(self._steps([one.incoming for one in accepts], settlements))
        for one, result in zip(accepts, accepted, strict=True):
            if not one.answer.done():
                one.answer.set_result(result)

    def _steps(
        self, incoming: Sequence[Incoming], settlements: Sequence[Settlement]
    ) -> Generator[Do, Sequence[Row], list[Accepted]]:
        context = Context(node=self.node, new_id=self._take_id, new_webhook_id=self.new_webhook_id)
        accepted = (yield from accept_all(incoming, context)) if incoming else []
        if settlements:
            yield from settle_all(settlements, self.node)
        return accepted

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
        if self._ids_end - self._next_id < count:
            block = max(ID_BLOCK, count)
            rows = await self.driver.transact(rows_of("take_ids", count=block))
            self._next_id = rows[0]["first_id"]
            self._ids_end = self._next_id + block

    def _take_id(self) -> int:
        if self._next_id >= self._ids_end:
            raise AssertionError("more ids were taken than reserved")
        self._next_id += 1
        return self._next_id - 1


def _refuse(accepts: Sequence[_Waiting], error: Exception) -> None:
    for one in accepts:
        if not one.answer.done():
            one.answer.set_exception(error)


def _give_up(answer: "asyncio.Future[Accepted]", after_seconds: float) -> None:
    if not answer.done():
        answer.set_exception(StoreUnavailable(f"not durable within {after_seconds:g} s"))
