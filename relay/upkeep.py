"""What is done from time to time: probes, drains, replays, and letting go of what is old.

Every node may do all of it: each sweep is one transaction that takes what nobody else has taken.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from relay.config import RetentionSettings
from relay.errors import StoreUnavailable
from relay.store import forgetting, tending
from relay.store import limits as strangers
from relay.store.driver import Driver

_log = logging.getLogger(__name__)

TEND_EVERY_SECONDS = 1.0
FORGET_EVERY_SECONDS = 600.0
BETWEEN_BATCHES_SECONDS = 0.05
"""So that fresh messages need not wait for more than one batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """The sweeps of one node."""

    driver: Driver
    retention: RetentionSettings
    most_tries: int
    now: Callable[[], float]

    async def run(self) -> None:
        """Sweep until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_every(TEND_EVERY_SECONDS, self.tend), name="tend")
            tasks.create_task(_every(FORGET_EVERY_SECONDS, self.forget), name="forget")

    async def tend(self) -> None:
        """Probe closed endpoints, drain opened ones, take replays further."""
        now_ms = round(self.now() * 1000)
        probed = await self.driver.transact(tending.probe_closed(now_ms, self.most_tries))
        drained = await self.driver.transact(tending.drain_opened(now_ms))
        replayed = await self.driver.transact(tending.advance_replays(now_ms))
        if probed or drained or replayed:
            _log.info("upkeep.tended", extra={"probed": probed, "drained": drained, "replayed": replayed})

    async def forget(self) -> None:
        """Let go of what is older than it is kept."""
        await self.driver.transact(strangers.forget_ended(round(self.now() * 1000)))
        limits, after, forgotten = self._limits(), 0, 0
        while True:
            after, gone = await self.driver.transact(forgetting.forget_uplinks(limits, after))
            forgotten += gone
            if not after:
                break
            await asyncio.sleep(BETWEEN_BATCHES_SECONDS)
        if forgotten:
            _log.info("upkeep.forgot", extra={"messages": forgotten})

    def _limits(self) -> forgetting.Limits:
        now = self.now()
        return forgetting.Limits(
            messages_before_ms=round((now - self.retention.messages) * 1000),
            attempts_before_ms=round((now - self.retention.attempts) * 1000),
            unclaimed_before_ms=round((now - self.retention.unclaimed) * 1000),
        )


async def _every(seconds: float, sweep: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await sweep()
        except StoreUnavailable as error:
            _log.error("upkeep.failed", extra={"error": str(error)})
        await asyncio.sleep(seconds)
