"""Replies of owners' servers become choices, many in one transaction: those that wait share the next one."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from relay.errors import StoreUnavailable
from relay.store.choosing import Choice, Reply, choose_after
from relay.store.driver import Driver

LARGEST_BATCH = 200


@dataclass(slots=True)
class _Waiting:
    reply: Reply
    choice: "asyncio.Future[Choice]"


@dataclass(slots=True)
class Deciding:
    """Writes choices down as they come; what is left at its end is written before the driver closes."""

    driver: Driver
    _waiting: list[_Waiting] = field(default_factory=list)
    _running: "asyncio.Task[None] | None" = None

    async def decide(self, reply: Reply, within_seconds: float) -> Choice:
        """Choose after a question; returns once the choice is durable.

        Raises:
            StoreUnavailable: It was not durable in time (it may become so later).
        """
        choice: asyncio.Future[Choice] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(reply, choice))
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name="downlink choices")
        await asyncio.wait([choice], timeout=within_seconds)
        if not choice.done():
            choice.cancel()
            raise StoreUnavailable(f"the downlink was not durable within {within_seconds:g} s")
        return choice.result()

    async def _run(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:LARGEST_BATCH], self._waiting[LARGEST_BATCH:]
            try:
                choices = await self.driver.transact(choose_after([one.reply for one in batch]))
            except Exception as error:  # whoever waits is told, and the next ones have their own chance
                _refuse(batch, error)
                continue
            for one, choice in zip(batch, choices, strict=True):
                if not one.choice.done():
                    one.choice.set_result(choice)
        self._running = None


def _refuse(batch: Sequence[_Waiting], error: Exception) -> None:
    for one in batch:
        if not one.choice.done():
            one.choice.set_exception(error)
