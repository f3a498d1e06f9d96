"""What is done from time to time: probes, drains, replays, and letting go of what is old.

Every node may do all of it: each sweep is one transaction that takes what nobody else has taken.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from relay import __version__
from relay.config import RetentionSettings
from relay.errors import StoreUnavailable
from relay.store import forgetting, nodes, silence, statistics, tallying, tending
from relay.store import limits as strangers
from relay.store.acknowledging import AT_ONCE, expire_downlinks
from relay.store.alerting import alert
from relay.store.announcing import announce
from relay.store.bins import forget_bins
from relay.store.disk_room import DiskRoom
from relay.store.driver import Driver
from relay.store.erasing import resume_erasing
from relay.store.mailing import forget_old_mails
from relay.store.noticing import give_notice
from relay.store.outbox import Outbox, log_posted
from relay.store.store import new_webhook_id

_log = logging.getLogger(__name__)

TEND_EVERY_SECONDS = 1.0
FORGET_EVERY_SECONDS = 600.0
LOOK_EVERY_SECONDS = 2.0
TALLY_EVERY_SECONDS = 1.0
WATCH_EVERY_SECONDS = 30.0
EXPIRE_EVERY_SECONDS = 10.0
BETWEEN_BATCHES_SECONDS = 0.05
"""So that fresh messages need not wait for more than one batch."""
TALLY_SHARE = 0.1
"""Counting takes at most so much of the writer's time, and while callbacks queue up much less."""
BUSY_REST_SECONDS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Upkeep:
    """The sweeps of one node."""

    driver: Driver
    node: str
    retention: RetentionSettings
    most_tries: int
    now: Callable[[], float]
    outbox: Outbox
    disk_room: DiskRoom | None = None
    is_busy: Callable[[], bool] = lambda: False
    share_limits: Callable[[int], None] = lambda _: None

    async def run(self) -> None:
        """Sweep until cancelled."""
        try:
            await self._sweep()
        finally:
            with contextlib.suppress(StoreUnavailable):  # it is forgotten after a while
                await self.driver.transact(nodes.leave(self.node))

    async def _sweep(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_every(nodes.BEAT_EVERY_SECONDS, self.beat), name="beat")
            tasks.create_task(_every(TEND_EVERY_SECONDS, self.tend), name="tend")
            tasks.create_task(_every(FORGET_EVERY_SECONDS, self.forget), name="forget")
            tasks.create_task(_every(EXPIRE_EVERY_SECONDS, self.expire), name="expire")
            tasks.create_task(_every(LOOK_EVERY_SECONDS, self.look), name="look")
            tasks.create_task(_every(TALLY_EVERY_SECONDS, self.tally), name="tally")
            tasks.create_task(_every(WATCH_EVERY_SECONDS, self.watch), name="watch")

    async def beat(self) -> None:
        """Say that this node is alive, and share the limits of the endpoints with the others."""
        now_ms = round(self.now() * 1000)
        node = nodes.Node(name=self.node, started_at_ms=now_ms, seen_at_ms=now_ms, version=__version__)
        self.share_limits(await self.driver.transact(nodes.beat(node)))

    async def look(self) -> None:
        """See whether the disk has room for callbacks."""
        if self.disk_room is not None:
            self.disk_room.look()

    async def expire(self) -> None:
        """End downlinks that are too old, or of which nothing was heard."""
        moved = AT_ONCE
        while moved >= AT_ONCE:
            moved = await self.driver.transact(expire_downlinks(round(self.now() * 1000)))

    async def tend(self) -> None:
        """Probe closed endpoints, drain opened ones, take replays further, and tell their owners."""
        now_ms = round(self.now() * 1000)
        probed = await self.driver.transact(tending.probe_closed(now_ms, self.most_tries))
        drained = await self.driver.transact(tending.drain_opened(now_ms))
        replayed = await self.driver.transact(tending.advance_replays(now_ms))
        log_posted(await self.driver.transact(announce(self.outbox, now_ms)))
        log_posted(await self.driver.transact(alert(self.outbox, now_ms)))
        await self.driver.transact(give_notice(self.node, new_webhook_id, now_ms))
        if probed or drained or replayed:
            _log.info("upkeep.tended", extra={"probed": probed, "drained": drained, "replayed": replayed})

    async def tally(self) -> None:
        """Count what came since the last time."""
        clock = asyncio.get_running_loop().time
        counted = tallying.BATCH
        while counted == tallying.BATCH:
            begun = clock()
            counted = await self.driver.transact(tallying.tally(round(self.now() * 1000)))
            rest_seconds = (clock() - begun) / TALLY_SHARE
            await asyncio.sleep(max(rest_seconds, BUSY_REST_SECONDS) if self.is_busy() else rest_seconds)

    async def watch(self) -> None:
        """See what is missing for long, and who was not heard for too long."""
        now_ms = round(self.now() * 1000)
        await self.driver.transact(tallying.settle_gaps(now_ms))
        since_ms = await self.driver.transact(silence.keep_listening(now_ms))
        after, silent = -1, 0
        while True:
            after, found = await self.driver.transact(silence.find_silent(since_ms, now_ms, after))
            silent += found
            if after < 0:
                break
            await asyncio.sleep(BETWEEN_BATCHES_SECONDS)
        if silent:
            _log.info("device.silent", extra={"devices": silent})

    async def forget(self) -> None:
        """Let go of what is older than it is kept."""
        await resume_erasing(self.driver)
        await self.driver.transact(forget_bins(round(self.now() * 1000)))
        await self.driver.transact(strangers.forget_ended(round(self.now() * 1000)))
        await self.driver.transact(forget_old_mails(round(self.now() * 1000)))
        limits, after, forgotten = self._limits(), 0, 0
        while True:
            after, gone = await self.driver.transact(forgetting.forget_uplinks(limits, after))
            forgotten += gone
            if not after:
                break
            await asyncio.sleep(BETWEEN_BATCHES_SECONDS)
        forgotten += await self._forget_unclaimed(limits)
        await self._forget_details(limits)
        await self._forget_statistics()
        if forgotten:
            _log.info("upkeep.forgot", extra={"messages": forgotten})

    async def _forget_unclaimed(self, limits: forgetting.Limits) -> int:
        total, gone = 0, 1
        while gone:
            gone = await self.driver.transact(forgetting.forget_unclaimed(limits))
            total += gone
            await asyncio.sleep(BETWEEN_BATCHES_SECONDS)
        return total

    async def _forget_details(self, limits: forgetting.Limits) -> None:
        gone = 1
        while gone:
            gone = await self.driver.transact(forgetting.forget_details(limits))
            await asyncio.sleep(BETWEEN_BATCHES_SECONDS)

    async def _forget_statistics(self) -> None:
        now, gone = self.now(), 1
        limits = statistics.Limits(
            events_before_ms=round((now - self.retention.events) * 1000),
            statistics_before=round(now - self.retention.statistics),
        )
        while gone:
            gone = await self.driver.transact(statistics.forget_statistics(limits))
            await asyncio.sleep(BETWEEN_BATCHES_SECONDS)

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
