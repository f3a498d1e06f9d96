"""The Sigfox cloud under load: a callback after the other from each of many devices."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp

from tests.journeys.relay_program import RelayProgram

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

GIVES_UP_AFTER_SECONDS = 10.0
"""As the Sigfox cloud does."""
ACKNOWLEDGED_WITHIN_SECONDS = 60.0
AFTER_REFUSAL_SECONDS = 0.1
TIME = 1_700_000_000


@dataclass(slots=True)
class Load:
    """`acknowledged` holds the payload of each callback that got a 2xx; `answers` counts what was said."""

    relay: RelayProgram
    devices: Sequence[str]
    acknowledged: set[str] = field(default_factory=set)
    answers: Counter[int] = field(default_factory=Counter)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _grown: asyncio.Event = field(default_factory=asyncio.Event)

    async def until_acknowledged(self, count: int) -> None:
        """Until so many callbacks got a 2xx."""
        async with asyncio.timeout(ACKNOWLEDGED_WITHIN_SECONDS):
            while len(self.acknowledged) < count:
                self._grown.clear()
                await self._grown.wait()

    async def until_answered(self, status: int) -> None:
        """Until a callback got this status."""
        async with asyncio.timeout(ACKNOWLEDGED_WITHIN_SECONDS):
            while not self.answers[status]:
                self._grown.clear()
                await self._grown.wait()

    @asynccontextmanager
    async def sending(self) -> "AsyncIterator[None]":
        """Send while the block lasts; a device stops earlier when nobody listens any more."""
        headers = {"Authorization": f"Bearer {self.relay.secret}"}
        timeout = aiohttp.ClientTimeout(total=GIVES_UP_AFTER_SECONDS)
        stop = asyncio.Event()
        async with (
            aiohttp.ClientSession(headers=headers, timeout=timeout) as session,
            asyncio.TaskGroup() as lanes,
        ):
            for device in self.devices:
                lanes.create_task(self._lane(session, device, stop))
            yield
            stop.set()

    async def _lane(self, session: aiohttp.ClientSession, device: str, stop: asyncio.Event) -> None:
        while not stop.is_set():
            data = f"{next(self._numbers):016x}"
            try:
                await self._call_back(session, device, data)
            except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError):
                return

    async def _call_back(self, session: aiohttp.ClientSession, device: str, data: str) -> None:
        message = {"device": device, "time": TIME, "data": data, "seqNumber": int(data, 16) % 4096}
        async with session.post(f"{self.relay.url}/sigfox/data", json=message) as response:
            self.answers[response.status] += 1
            self._grown.set()
            if response.ok:
                self.acknowledged.add(data)
            else:
                await asyncio.sleep(AFTER_REFUSAL_SECONDS)
