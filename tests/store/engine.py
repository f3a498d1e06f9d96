"""The engine without its sockets: a real database, a receiver that is a function, a clock moved by hand."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from relay.config.model import ForwarderSettings
from relay.domain.delivery import Cause, Delivery, Outcome, Wish
from relay.domain.health import DEFAULT_POLICY, HealthPolicy
from relay.domain.verdict import RetryPolicy, judge
from relay.store import delivering, tending
from relay.store.endpoints import Endpoints
from relay.store.records import Accepted, Settlement
from relay.store.settling import HealthChange, settle_all
from relay.store.store import Store
from tests.store.conftest import OpenedStore
from tests.store.given import NOW_MS, accept_at_once, bound_device, uplink

SCHEDULE = ForwarderSettings().schedule
NO_SPREAD = 0.5
LEASE_MS = 60_000
SWEEP_MS = 1000
IN_FLIGHT = 2
SECOND_MS, HOUR_MS, DAY_MS = 1000, 3_600_000, 86_400_000

Receiver = Callable[[Delivery], Cause | None]


def good(_: Delivery) -> None:
    """Takes everything."""


def dead(_: Delivery) -> Cause:
    """Takes nothing."""
    return Cause.REFUSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One attempt."""

    at_ms: int
    delivery_id: int
    attempt: int
    tries: int
    cause: Cause | None


@dataclass(slots=True, kw_only=True)
class Engine:
    """One node's engine; `sent` is what the receiver saw."""

    opened: OpenedStore
    store: Store
    now_ms: int = NOW_MS
    messages: int = 0
    schedule: tuple[float, ...] = SCHEDULE
    policy: HealthPolicy = DEFAULT_POLICY
    sent: list[Sent] = field(default_factory=list)

    @classmethod
    async def made(cls, opened: OpenedStore) -> "Engine":
        """With the usual device, bound to its endpoint."""
        await bound_device(opened.store)
        return cls(opened=opened, store=opened.store)

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(self.opened.driver)

    async def endpoint(self) -> dict[str, Any]:
        (row,) = await self.opened.rows("endpoints")
        return row

    async def endpoint_id(self) -> int:
        return int((await self.endpoint())["id"])

    async def deliveries(self) -> list[dict[str, Any]]:
        return await self.opened.rows("deliveries")

    async def states(self) -> Counter[str]:
        return Counter(row["state"] for row in await self.deliveries())

    async def accept(self, count: int = 1, *, leased: bool = False) -> list[Delivery]:
        """Messages that come now; those that are leased are in this node's memory."""
        numbers = range(self.messages, self.messages + count)
        self.messages += count
        accepted = [one for some in _batches(numbers) for one in await self._accept(some, leased)]
        return [one for each in accepted for one in each.deliveries]

    async def _accept(self, numbers: Sequence[int], leased: bool) -> list[Accepted]:
        accepted = await accept_at_once(
            self.store,
            [uplink(seq_number=number) for number in numbers],
            received_at_ms=self.now_ms,
            lease_until_ms=self.now_ms + LEASE_MS if leased else None,
        )
        return [one for one in accepted if isinstance(one, Accepted)]

    async def claim(self, limit: int = 500) -> list[Delivery]:
        """As the dispatcher claims."""
        lease_until_ms = self.now_ms + LEASE_MS
        claimed = await self.store.claim_due(now_ms=self.now_ms, lease_until_ms=lease_until_ms, limit=limit)
        return claimed + await self.claim_suspects((1, 1), 20) + await self.claim_suspects((2, 3), 1)

    async def claim_suspects(self, crashes: tuple[int, int], limit: int) -> list[Delivery]:
        return await self.store.claim_suspects(
            now_ms=self.now_ms, lease_until_ms=self.now_ms + LEASE_MS, crashes=crashes, limit=limit
        )

    async def settle(
        self, deliveries: Sequence[Delivery], receiver: Receiver = good, wish: Wish | None = None
    ) -> list[HealthChange]:
        """What the receiver says to each, in one transaction."""
        batch = [self._attempted(delivery, receiver(delivery), wish) for delivery in deliveries]
        return await self.opened.driver.transact(settle_all(batch, self.store.node, self.policy))

    def _attempted(self, delivery: Delivery, cause: Cause | None, wish: Wish | None) -> Settlement:
        self.sent.append(
            Sent(
                at_ms=self.now_ms,
                delivery_id=delivery.id,
                attempt=delivery.attempt,
                tries=delivery.tries,
                cause=cause,
            )
        )
        status = 204 if cause is None else None
        outcome = Outcome(status=status, cause=cause, at_ms=self.now_ms, duration_ms=0, wish=wish)
        policy = RetryPolicy(schedule_seconds=self.schedule)
        verdict = judge(delivery.tries, outcome, policy, self.now_ms / 1000, NO_SPREAD)
        return Settlement(delivery=delivery, outcome=outcome, verdict=verdict)

    async def give_back(self, deliveries: Sequence[Delivery]) -> None:
        await self.opened.driver.transact(delivering.give_back(deliveries, self.store.node, self.now_ms))

    async def tend(self) -> None:
        """One sweep."""
        driver = self.opened.driver
        await driver.transact(tending.probe_closed(self.now_ms, len(self.schedule)))
        await driver.transact(tending.drain_opened(self.now_ms))
        await driver.transact(tending.advance_replays(self.now_ms))

    async def send_due(self, receiver: Receiver = good) -> None:
        """Claim once, and try what was claimed, two at a time, until the endpoint closes."""
        waiting = await self.claim()
        while waiting:
            pair, waiting = waiting[:IN_FLIGHT], waiting[IN_FLIGHT:]
            if await self.settle(pair, receiver):
                await self.give_back(waiting)
                return

    async def live(self, receiver: Receiver, until_ms: int) -> None:
        """Go on, from one moment at which there is something to do to the next."""
        while True:
            await self.tend()
            await self.send_due(receiver)
            next_ms = await self._next_ms()
            if next_ms is None or next_ms > until_ms:
                break
            self.now_ms = max(next_ms, self.now_ms + 1)
        self.now_ms = until_ms

    async def _next_ms(self) -> int | None:
        """Where messages go in order, a sweep is of no use while one of them waits."""
        (row,) = await self.opened.database.rows(
            """
            SELECT (SELECT MIN(due_at_ms) FROM deliveries WHERE state = 'waiting') AS due_at_ms,
                (SELECT COUNT(*) FROM deliveries WHERE state = 'held') AS held,
                (SELECT COUNT(*) FROM replays WHERE state = 'running') AS replays,
                MIN(probe_at_ms) AS probe_at_ms, MAX(ordered) AS ordered,
                SUM(CASE WHEN draining = 1 AND state = 'active' THEN 1 ELSE 0 END) AS draining
            FROM endpoints
            """
        )
        drains = row["held"] and row["draining"] and not (row["ordered"] and row["due_at_ms"])
        sweep_at_ms = self.now_ms + SWEEP_MS if row["replays"] or drains else None
        times = [row["due_at_ms"], row["probe_at_ms"], sweep_at_ms]
        return min((time for time in times if time is not None), default=None)


def _batches(numbers: Sequence[int]) -> list[Sequence[int]]:
    return [numbers[start : start + 2000] for start in range(0, len(numbers), 2000)]


def waits_seconds(sent: Sequence[Sent]) -> list[float]:
    """The time between attempts."""
    return [(later.at_ms - earlier.at_ms) / 1000 for earlier, later in pairwise(sent)]
