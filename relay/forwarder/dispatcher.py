"""Brings deliveries to their endpoints: fresh ones straight from memory, the rest from the table."""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import assert_never

import aiohttp

from relay.domain.delivery import Cause, Delivery, Outcome
from relay.domain.endpoint import Endpoint, SealedEndpoint
from relay.domain.verdict import Dead, Delivered, DueAgain, Held, RetryPolicy, Verdict, judge
from relay.errors import StoreUnavailable, TargetRefused
from relay.forwarder.destinations import Destinations
from relay.forwarder.lanes import Lanes
from relay.forwarder.prepare import Destination, prepare
from relay.forwarder.resolver import GuardedResolver
from relay.forwarder.send import send
from relay.store.records import Settlement
from relay.store.store import Store
from relay.store.vault import CannotOpen

_log = logging.getLogger(__name__)

ROOM = 10_000
"""Deliveries that may wait in memory; more stay due in the table."""
CLAIM_LIMIT = 500
POLL_SECONDS = 0.5
LEASE_SECONDS = 60.0
LEASE_MARGIN_SECONDS = 20.0
"""An attempt is not begun with less than this left of its lease: it may take the whole time-out."""


@dataclass(slots=True, kw_only=True)
class Dispatcher:
    """Claims, sends, judges and settles. `run` claims until `stop`; `offer` takes what was just accepted."""

    store: Store
    session: aiohttp.ClientSession
    resolver: GuardedResolver
    destinations: Destinations
    lanes: Lanes
    policy: RetryPolicy
    now: Callable[[], float]
    spread: Callable[[], float] = random.random
    _attempts: "set[asyncio.Task[None]]" = field(default_factory=set)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def lease_until_ms(self) -> int | None:
        """Until when a message accepted now may be leased to this node; None when there is no room for it."""
        if self.lanes.waiting >= ROOM or self._stopping.is_set():
            return None
        return round((self.now() + LEASE_SECONDS) * 1000)

    def offer(self, deliveries: Sequence[Delivery]) -> None:
        """Take deliveries that are leased to this node."""
        for delivery in deliveries:
            self.lanes.add(delivery)
        self._start_attempts()

    async def run(self) -> None:
        """Claim what is due, again and again, until `stop`."""
        while not self._stopping.is_set():
            claimed = await self._claim()
            if claimed < CLAIM_LIMIT:
                await self._rest()

    async def stop(self, grace_seconds: float) -> None:
        """Claim and start no more; let running attempts end, then give the rest back."""
        self._stopping.set()
        left = self.lanes.drain()
        if self._attempts:
            await asyncio.wait(self._attempts, timeout=grace_seconds)
        for attempt in list(self._attempts):
            attempt.cancel()
        await asyncio.gather(*self._attempts, return_exceptions=True)
        if left:
            await self.store.give_back(left, self._now_ms())

    async def try_out(self, endpoint: Endpoint, sample: Delivery) -> Outcome:
        """One attempt outside the books, for an owner who tests; it goes the way of all deliveries."""
        try:
            destination = self.destinations.judge(endpoint)
        except TargetRefused as refused:
            return self._no_attempt(Cause.BLOCKED_ADDRESS, refused.reason)
        return await self._send(destination, sample)

    async def _claim(self) -> int:
        now_ms = self._now_ms()
        room = min(CLAIM_LIMIT, ROOM - self.lanes.waiting)
        if room <= 0:
            return 0
        lease_until_ms = now_ms + round(LEASE_SECONDS * 1000)
        try:
            claimed = await self.store.claim_due(now_ms=now_ms, lease_until_ms=lease_until_ms, limit=room)
        except StoreUnavailable as error:
            _log.error("delivery.claim_failed", extra={"error": str(error)})
            return 0
        self.offer(claimed)
        return len(claimed)

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), POLL_SECONDS)
        except TimeoutError:
            return

    def _start_attempts(self) -> None:
        while not self._stopping.is_set() and (delivery := self.lanes.take()):
            attempt = asyncio.create_task(self._deliver(delivery))
            self._attempts.add(attempt)
            attempt.add_done_callback(self._attempts.discard)

    async def _deliver(self, delivery: Delivery) -> None:
        try:
            if delivery.lease_until_ms - self._now_ms() < LEASE_MARGIN_SECONDS * 1000:
                await self.store.give_back([delivery], self._now_ms())
                return
            outcome = await self._attempt_at(delivery.endpoint, delivery)
            verdict = judge(delivery.tries, outcome, self.policy, self.now(), self.spread())
            self.store.settle(Settlement(delivery=delivery, outcome=outcome, verdict=verdict))
            _log_attempt(delivery, outcome, verdict)
        finally:
            self.lanes.done(delivery.endpoint.id)
            self._start_attempts()

    async def _attempt_at(self, sealed: SealedEndpoint, delivery: Delivery) -> Outcome:
        try:
            destination = self.destinations.open(sealed)
        except TargetRefused as refused:
            return self._no_attempt(Cause.BLOCKED_ADDRESS, refused.reason)
        except CannotOpen as error:
            _log.error("endpoint.cannot_open", extra={"endpoint": sealed.id, "error": str(error)})
            return self._no_attempt(Cause.INTERNAL, "sealed")
        return await self._send(destination, delivery)

    async def _send(self, destination: Destination, delivery: Delivery) -> Outcome:
        now = self.now()
        outcome = await send(self.session, prepare(delivery, destination, now), now)
        self.lanes.learn(destination.endpoint_id, self.resolver.address_of(destination.url.host or ""))
        return outcome

    def _no_attempt(self, cause: Cause, detail: str) -> Outcome:
        return Outcome(status=None, cause=cause, at_ms=self._now_ms(), duration_ms=0, detail=detail)

    def _now_ms(self) -> int:
        return round(self.now() * 1000)


def _log_attempt(delivery: Delivery, outcome: Outcome, verdict: Verdict) -> None:
    _log.info(
        "delivery.attempted",
        extra={
            "delivery": delivery.id,
            "webhook_id": delivery.webhook_id,
            "device": delivery.device_label,
            "endpoint": delivery.endpoint.id,
            "attempt": delivery.attempt,
            "status": outcome.status,
            "cause": outcome.cause,
            "ms": outcome.duration_ms,
            "verdict": _word(verdict),
            "due_at_ms": verdict.at_ms if isinstance(verdict, DueAgain) else None,
        },
    )


def _word(verdict: Verdict) -> str:
    match verdict:
        case Delivered():
            return "delivered"
        case DueAgain():
            return "due_again"
        case Held():
            return "held"
        case Dead():
            return "dead"
        case _:
            assert_never(verdict)
