"""Drivers around a driver: they watch, hold up or spoil the transactions of a store."""

import asyncio
from dataclasses import dataclass, field
from typing import TypeVar

from relay.errors import StoreUnavailable
from relay.store.driver import Driver, Steps
from relay.store.notices import Notices
from relay.store.records import Accepted

T = TypeVar("T")


@dataclass(slots=True)
class Lent:
    """Another's driver: it stays open when the store that borrowed it closes."""

    driver: Driver

    @property
    def notices(self) -> Notices:
        return self.driver.notices

    async def transact(self, steps: Steps[T]) -> T:
        return await self.driver.transact(steps)

    async def close(self) -> None:
        return None


@dataclass(slots=True)
class Counting(Lent):
    """Counts the transactions."""

    transactions: int = 0

    async def transact(self, steps: Steps[T]) -> T:
        self.transactions += 1
        return await self.driver.transact(steps)


@dataclass(slots=True)
class Gated(Lent):
    """Lets nothing through until its gate is opened; `reached` says that a transaction stands before it."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def transact(self, steps: Steps[T]) -> T:
        self.reached.set()
        await self.gate.wait()
        return await self.driver.transact(steps)


@dataclass(slots=True)
class Breaking(Lent):
    """Rolls back transactions when all their statements are done, just before the commit."""

    every: int = 1
    transactions: int = 0
    broken: int = 0

    async def transact(self, steps: Steps[T]) -> T:
        self.transactions += 1
        if self.transactions % self.every:
            return await self.driver.transact(steps)
        self.broken += 1
        return await self.driver.transact(_without_end(steps))


def _without_end(steps: Steps[T]) -> Steps[T]:
    yield from steps
    raise StoreUnavailable("the disk is full")


@dataclass(slots=True)
class Cancelling(Lent):
    """Cancels some of the waiters at each transaction: those in it, those behind it, those that are done."""

    waiters: list[asyncio.Task[Accepted]] = field(default_factory=list)
    at_once: int = 3

    async def transact(self, steps: Steps[T]) -> T:
        for waiter in self.waiters[: self.at_once]:
            waiter.cancel()
        del self.waiters[: self.at_once]
        return await self.driver.transact(steps)
