"""Brings deliveries to their endpoints: fresh ones straight from memory, the rest from the table."""

import asyncio
import logging
import math
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from time import monotonic

from relay.domain.delivery import Delivery, Outcome
from relay.domain.verdict import RetryPolicy, judge
from relay.errors import StoreUnavailable
from relay.forwarder.attempt_log import log_attempt, log_health, word_of
from relay.forwarder.attempting import Attempting
from relay.forwarder.destinations import Destinations
from relay.forwarder.first_look_up import look_up
from relay.forwarder.lanes import Lanes
from relay.forwarder.resolver import GuardedResolver
from relay.metrics import Metrics
from relay.store.delivering import MOST_CRASHES
from relay.store.notices import Notice
from relay.store.records import Settlement
from relay.store.settling import HealthChange
from relay.store.store import Store

_log = logging.getLogger(__name__)

ROOM = 10_000
"""Deliveries that may wait in memory; more stay due in the table."""
CLAIM_LIMIT = 500
POLL_SECONDS = 0.5
WAKE_HOLD_SECONDS = 0.02
"""After a notice of due work a moment passes, so that more of it gathers."""
SLOW_SECONDS = 1.0
"""An attempt that takes longer, or is unanswered for longer, makes its endpoint a slow one."""
EXCESS_LATER_SECONDS = 15.0
SUSPECTS_AT_ONCE = 100
"""Deliveries that were in one crash are tried so many at a time, those that were in two alone."""
QUEUE_SECONDS = 40.0
"""How long a delivery may wait in memory; after that it goes back to the table."""
SETTLE_SECONDS = 5.0
"""What a lease leaves, after the longest attempt, for writing down how it ended."""
_SUSPECTS = (((1, 1), SUSPECTS_AT_ONCE, 1.0), ((2, MOST_CRASHES), 1, 3.0))
"""Crashes, how many at once, and after how many seconds: who is ended again and again must not blame them."""


@dataclass(slots=True, kw_only=True)
class Dispatcher:
    """Claims, lets send, judges and settles. `run` claims until `stop`; `offer` takes what was accepted."""

    store: Store
    attempting: Attempting
    resolver: GuardedResolver
    destinations: Destinations
    lanes: Lanes
    policy: RetryPolicy
    now: Callable[[], float]
    timeout_seconds: float = 15.0
    spread: Callable[[], float] = random.random
    metrics: Metrics = field(default_factory=Metrics)
    _longest_attempt_ms: int = field(init=False)
    _lease_ms: int = field(init=False)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    _attempts: "set[asyncio.Task[None]]" = field(default_factory=set)
    _unanswered: "dict[object, tuple[float, int]]" = field(default_factory=dict)
    _suspects: dict[int, int] = field(default_factory=dict)
    _started: float = -math.inf
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._longest_attempt_ms = round((self.timeout_seconds + SETTLE_SECONDS) * 1000)
        self._lease_ms = self._longest_attempt_ms + round(QUEUE_SECONDS * 1000)

    def lease_until_ms(self) -> int | None:
        """Until when a message accepted now may be leased to this node; None when there is no room for it."""
        if self.lanes.waiting >= ROOM or self._stopping.is_set():
            return None
        return self._now_ms() + self._lease_ms

    def offer(self, deliveries: Sequence[Delivery]) -> None:
        """Take deliveries that are leased to this node."""
        for delivery in deliveries:
            if delivery.crashes:
                self._suspects[delivery.id] = delivery.crashes
            self.lanes.add(delivery, self._address_of(delivery))
            self._give_back_excess(delivery.endpoint.id)
        self._start_attempts()

    async def run(self) -> None:
        """Claim what is due, again and again, until `stop`."""
        self._started = monotonic()
        self.store.watch_health(_log_changes)
        with self.store.notices.listening(self._heed):
            while not self._stopping.is_set():
                claimed = await self.claim_once()
                if claimed < CLAIM_LIMIT:
                    await self._rest()
        await self._give_back(self.lanes.drain())  # what the last claim brought after `stop` had looked

    def share_limits(self, nodes: int) -> None:
        """Keep this node's part of the limits that hold over all of them."""
        self.lanes.share(nodes)
        self._start_attempts()

    async def stop(self, grace_seconds: float) -> None:
        """Claim and start no more; give back what waits, and let running attempts end."""
        self._stopping.set()
        self._wake.set()
        await self._give_back(self.lanes.drain())
        if self._attempts:
            await asyncio.wait(self._attempts, timeout=grace_seconds)
        for attempt in list(self._attempts):
            attempt.cancel()
        await asyncio.gather(*self._attempts, return_exceptions=True)

    async def claim_once(self) -> int:
        """Lease what is due, as far as there is room, and take it; the answer is how many."""
        now_ms = self._now_ms()
        room = min(CLAIM_LIMIT, ROOM - self.lanes.waiting)
        if room <= 0:
            return 0
        claimed = 0
        try:
            lease_until_ms = now_ms + self._lease_ms
            due = await self.store.claim_due(now_ms=now_ms, lease_until_ms=lease_until_ms, limit=room)
            self.offer(due)
            claimed = len(due)
            suspects = await self._claim_suspects(now_ms)
            self.offer(suspects)
            claimed += len(suspects)
        except StoreUnavailable as error:
            _log.error("delivery.claim_failed", extra={"error": str(error)})
        return claimed

    async def _claim_suspects(self, now_ms: int) -> list[Delivery]:
        """What was in a crash may be what caused it: few at a time, so that the innocent are soon cleared."""
        lease_until_ms = now_ms + self._lease_ms
        claimed: list[Delivery] = []
        age_seconds = monotonic() - self._started
        for crashes, at_once, calm_seconds in _SUSPECTS:
            if age_seconds < calm_seconds:
                break
            limit = at_once - sum(crashes[0] <= count <= crashes[1] for count in self._suspects.values())
            if limit > 0:
                claimed += await self.store.claim_suspects(
                    now_ms=now_ms, lease_until_ms=lease_until_ms, crashes=crashes, limit=limit
                )
        return claimed

    def _heed(self, notice: Notice) -> None:
        """What waits here for an endpoint that was closed or changed goes back, to be read anew."""
        if notice.endpoints is None:
            stale = self.lanes.drain()
        else:
            stale = [one for endpoint_id in notice.endpoints for one in self.lanes.close(endpoint_id)]
        if stale:
            self._spawn(self._give_back(stale))
        if notice.work:
            self._wake.set()

    def _mark_hanging(self) -> None:
        """The oldest attempts stand first."""
        before = monotonic() - SLOW_SECONDS
        for started, endpoint_id in self._unanswered.values():
            if started > before:
                break
            self.lanes.mark(endpoint_id, slow=True)
            self._give_back_excess(endpoint_id)

    def _give_back_excess(self, endpoint_id: int) -> None:
        """What waits in memory for a slow endpoint must not fill it up: the rest comes back later."""
        excess = self.lanes.excess(endpoint_id)
        if excess:
            self._spawn(self._give_back(excess, later_seconds=EXCESS_LATER_SECONDS))

    async def _rest(self) -> None:
        self._mark_hanging()
        try:
            await asyncio.wait_for(self._wake.wait(), POLL_SECONDS)
        except TimeoutError:
            return
        await asyncio.sleep(WAKE_HOLD_SECONDS)
        self._wake.clear()

    def _start_attempts(self) -> None:
        while not self._stopping.is_set() and (delivery := self.lanes.take()):
            self._spawn(self._deliver(delivery))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = self._loop.create_task(work)
        self._attempts.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, attempt: "asyncio.Task[None]") -> None:
        self._attempts.discard(attempt)
        if not attempt.cancelled() and (error := attempt.exception()):
            _log.error("delivery.broke", exc_info=error)  # its lease runs out and it is tried again

    async def _deliver(self, delivery: Delivery) -> None:
        endpoint_id = delivery.endpoint.id
        started = monotonic()
        attempt = object()  # not the delivery: whoever lost the lease may still be trying it
        self._unanswered[attempt] = (started, endpoint_id)
        try:
            if delivery.lease_until_ms - self._now_ms() < self._longest_attempt_ms:
                await self._give_back([delivery])
                return
            attempt_it = self._first_attempt if self._is_new(delivery) else self.attempting.deliver
            outcome = await attempt_it(delivery)
            if outcome is None:
                return
            if not self.lanes.knows_address(endpoint_id):
                self.lanes.learn(endpoint_id, self._address_of(delivery))
            self.lanes.mark(
                endpoint_id, slow=outcome.cause is not None or outcome.duration_ms > SLOW_SECONDS * 1000
            )
            verdict = judge(delivery.tries, outcome, self.policy, self.now(), self.spread())
            self.metrics.attempt_ended(delivery, outcome, word_of(verdict))
            log_attempt(delivery, outcome, verdict)
            await self._settle(Settlement(delivery=delivery, outcome=outcome, verdict=verdict))
        finally:
            del self._unanswered[attempt]
            if self._suspects.pop(delivery.id, None):
                self._wake.set()  # the next one may come
            self.lanes.done(endpoint_id)
            self._start_attempts()

    def _is_new(self, delivery: Delivery) -> bool:
        """Whether it goes to a name of which nobody knows yet with whom it shares its address."""
        known = self.lanes.knows_address(delivery.endpoint.id)
        return not known and self.destinations.host_of(delivery.endpoint) != ""

    async def _first_attempt(self, delivery: Delivery) -> Outcome | None:
        """Look its name up. If that is all that came of it (None), it waits its turn among its neighbours."""
        host = self.destinations.host_of(delivery.endpoint)
        closings = self.lanes.closings(delivery.endpoint.id)
        trouble = await look_up(self.resolver, host, self.timeout_seconds, self._now_ms())
        if trouble is not None:
            return trouble
        if closings == self.lanes.closings(delivery.endpoint.id):
            self.lanes.put_back(delivery, self._address_of(delivery))
        else:
            await self._give_back([delivery])
        return None

    async def _settle(self, settlement: Settlement) -> None:
        """A failure keeps its place until it is counted, so that an endpoint closes after few of them.

        So does a suspect: the next one may end the process, and this one must be cleared by then.
        """
        if settlement.outcome.cause is None and not settlement.delivery.crashes:
            self.store.settle(settlement)
        else:
            await self.store.settled(settlement, SETTLE_SECONDS)

    def _address_of(self, delivery: Delivery) -> str | None:
        return self.resolver.address_of(self.destinations.host_of(delivery.endpoint))

    async def _give_back(self, deliveries: Sequence[Delivery], later_seconds: float = 0.0) -> None:
        for delivery in deliveries:
            self._suspects.pop(delivery.id, None)
        if not deliveries:
            return
        try:
            await self.store.give_back(deliveries, self._now_ms(), round(later_seconds * 1000))
        except StoreUnavailable as error:  # the leases run out by themselves
            _log.error("delivery.give_back_failed", extra={"error": str(error), "count": len(deliveries)})

    def _now_ms(self) -> int:
        return round(self.now() * 1000)


def _log_changes(changes: Sequence[HealthChange]) -> None:
    for change in changes:
        log_health(change)
