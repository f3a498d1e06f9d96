"""When messages are sent: by the clock whatever the relay does, or as fast as it answers."""

import asyncio
import random
import time
from dataclasses import dataclass

from bench.books import Books
from bench.generator import Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """Sigfox repeats callbacks; such a share of them is sent a second time, and must be delivered once."""

    share: float = 0.0
    after_seconds: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenLoop:
    """So many a second; a relay that stalls meets what piled up meanwhile."""

    per_second: float
    messages: int
    burst: int = 1
    poisson: bool = False
    repeats: Repeats = Repeats()

    async def drive(self, generator: Generator, books: Books) -> None:
        due = time.monotonic()
        for first in range(0, self.messages, self.burst):
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            for _ in range(min(self.burst, self.messages - first)):
                self._offer(generator, books, due)
            due += self._gap_seconds()
        if self.repeats.share:
            await asyncio.sleep(self.repeats.after_seconds + 0.1)

    def _gap_seconds(self) -> float:
        bursts_per_second = self.per_second / self.burst
        return random.expovariate(bursts_per_second) if self.poisson else 1 / bursts_per_second

    def _offer(self, generator: Generator, books: Books, due: float) -> None:
        number = books.open(due)
        generator.offer(number)
        if random.random() < self.repeats.share:
            books.resent += 1
            asyncio.get_running_loop().call_later(self.repeats.after_seconds, generator.offer, number)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLoop:
    """So many requests always in flight; each answer brings the next one."""

    messages: int
    in_flight: int

    async def drive(self, generator: Generator, books: Books) -> None:
        finished = asyncio.Event()

        def next_one(_number: int = -1) -> None:
            if len(books) < self.messages:
                generator.offer(books.open(time.monotonic()))
            elif not generator.unanswered:
                finished.set()

        generator.on_answer = next_one
        for _ in range(min(self.in_flight, self.messages)):
            next_one()
        await finished.wait()


Schedule = OpenLoop | ClosedLoop
