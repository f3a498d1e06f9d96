"""Whatever happens in whatever order: no delivery is lost, tried too often, or stuck."""

import asyncio
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from relay.domain.delivery import Cause, Delivery, Wish
from relay.domain.health import HealthPolicy
from relay.store.deliveries import Deliveries
from relay.store.delivering import MOST_CRASHES
from relay.store.endpoints import Backlog
from relay.store.replays import Range, ReplayedStates, Replays
from relay.store.store import open_store
from tests.store.conftest import OpenedStore
from tests.store.databases import SqliteDatabase
from tests.store.engine import DAY_MS, HOUR_MS, LEASE_MS, SECOND_MS, Engine, Receiver, dead, good
from tests.store.given import DEVICE, HOST, VAULT, bind

T = TypeVar("T")
SCHEDULE = (0.0, 5.0, 600.0)
POLICY = HealthPolicy(
    probe_schedule_seconds=SCHEDULE[1:],
    close_after_failures=4,
    suspend_after_failures=2,
    suspend_after_seconds=3600.0,
)
answers = st.sampled_from([None, None, Cause.REFUSED, Cause.READ_TIMEOUT, Cause.CLIENT_ERROR, Cause.GONE])
wishes = st.sampled_from([None, None, None, None, Wish.ABORT_MESSAGE, Wish.DISABLE])
chances = st.randoms(use_true_random=False)


class AnyLife(RuleBasedStateMachine):
    """One endpoint. `memory` is what this node holds, `late` what it held when its lease ran out."""

    @initialize(strict=st.booleans())
    def begin(self, strict: bool) -> None:
        self.strict = strict
        self.runner = asyncio.Runner()
        self.stack = AsyncExitStack()
        self.engine = self.run(self._open())
        self.memory: list[Delivery] = []
        self.late: list[Delivery] = []
        self.handed_out: set[tuple[int, int]] = set()
        if strict:
            self.run(self._set_ordered(True))

    async def _open(self) -> Engine:
        folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        database = SqliteDatabase(folder / "relay.db")
        driver = await self.stack.enter_async_context(database.opened())
        store = await self.stack.enter_async_context(open_store(driver, VAULT, "node-1"))
        engine = await Engine.made(OpenedStore(database=database, driver=driver, store=store))
        engine.schedule, engine.policy = SCHEDULE, POLICY
        return engine

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def hold(self, deliveries: list[Delivery]) -> None:
        numbers = [(one.id, one.attempt) for one in deliveries]
        assert not self.handed_out.intersection(numbers), "an attempt is made twice"
        self.handed_out.update(numbers)
        self.memory += deliveries

    @rule(count=st.integers(1, 4), leased=st.booleans())
    def accept(self, count: int, leased: bool) -> None:
        self.hold(self.run(self.engine.accept(count, leased=leased)))

    @rule(limit=st.integers(1, 5))
    def claim(self, limit: int) -> None:
        self.hold(self.run(self.engine.claim(limit)))

    @rule(chance=chances, answer=answers, wish=wishes, most=st.integers(1, 5))
    def settle(self, chance: Any, answer: Cause | None, wish: Wish | None, most: int) -> None:
        """Some of what is held or late, in any order, one transaction; the last is taken now and then."""
        held = self.memory + self.late
        batch = chance.sample(held, min(most, len(held)))
        self.memory = [one for one in self.memory if one not in batch]
        self.late = [one for one in self.late if one not in batch]
        last_answer = chance.choice([answer, None])
        self._settle(batch, lambda one: last_answer if one is batch[-1] else answer, wish)

    def _settle(self, batch: list[Delivery], receiver: Receiver, wish: Wish | None = None) -> None:
        before = self.run(self._standings())
        self.run(self.engine.settle(batch, receiver, wish))
        settled = {(one.id, one.attempt, "node-1") for one in batch}
        for place, state in before.items() - self.run(self._standings()).items():
            assert place in settled or state == "held", "who lost the lease changes nothing"

    async def _standings(self) -> dict[tuple[int, int, str | None], str]:
        rows = await self.engine.deliveries()
        return {(row["id"], row["attempts"], row["leased_by"]): row["state"] for row in rows}

    @rule()
    def fail_until_closed(self) -> None:
        """Left to chance, few endpoints would ever close."""
        self.accept(2 * POLICY.close_after_failures, leased=False)
        self.claim(2 * POLICY.close_after_failures)
        failing, self.memory = self.memory, []
        self._settle(failing, dead)

    @rule()
    def lose_a_lease_to_another(self) -> None:
        """What it came to is told after the other one took it up."""
        self.accept(2, leased=True)
        self.lose_leases()
        self.claim(5)
        late, self.late = self.late, []
        self._settle(late, dead)

    @rule()
    def give_back(self) -> None:
        self.handed_out -= {(one.id, one.attempt) for one in self.memory}
        self.run(self.engine.give_back(self.memory))
        self.memory = []

    @rule()
    def lose_leases(self) -> None:
        self.engine.now_ms += LEASE_MS
        self.late, self.memory = self.late + self.memory, []

    @rule()
    def crash(self) -> None:
        self.memory, self.late = [], []
        self.run(self.engine.store.free_leases(self.engine.now_ms))

    @rule(later_ms=st.sampled_from([0, HOUR_MS]))
    def tend(self, later_ms: int) -> None:
        """Later there is something to probe."""
        self.let_time_pass(later_ms)
        self.run(self.engine.tend())

    @rule(pass_ms=st.sampled_from([SECOND_MS, 10 * SECOND_MS, HOUR_MS, DAY_MS]))
    def let_time_pass(self, pass_ms: int) -> None:
        """No longer than a lease, for those who hold one."""
        if pass_ms >= LEASE_MS:
            self.lose_leases()
        self.engine.now_ms += pass_ms

    @rule()
    def pause(self) -> None:
        self.run(self._pause())

    async def _pause(self) -> None:
        await self.engine.endpoints.pause(await self.engine.endpoint_id())

    @rule(backlog=st.sampled_from(Backlog))
    def resume(self, backlog: Backlog) -> None:
        self.run(self._resume(backlog))

    async def _resume(self, backlog: Backlog) -> None:
        await self.engine.endpoints.resume(await self.engine.endpoint_id(), backlog, self.engine.now_ms)

    @rule(number=st.integers(1, 3))
    def change_url(self, number: int) -> None:
        url = f"https://{HOST}/{number}"
        self.run(bind(self.engine.store, url, HOST, now_ms=self.engine.now_ms))

    @rule(ordered=st.booleans())
    def change_order(self, ordered: bool) -> None:
        if not self.strict:
            self.run(self._set_ordered(ordered))

    async def _set_ordered(self, ordered: bool) -> None:
        await self.engine.endpoints.set_ordered(await self.engine.endpoint_id(), ordered)

    @rule(chance=chances)
    def replay_one(self, chance: Any) -> None:
        if rows := self.run(self.engine.deliveries()):
            replay = Deliveries(self.engine.opened.driver).replay(
                chance.choice(rows)["id"], self.engine.now_ms
            )
            self.run(replay)

    @rule(states=st.sampled_from(ReplayedStates))
    def replay_range(self, states: ReplayedStates) -> None:
        wanted = Range(device=DEVICE, states=states, since_ms=0, until_ms=self.engine.now_ms)
        self.run(Replays(self.engine.opened.driver).start(wanted, self.engine.now_ms))

    @invariant()
    def everything_has_its_place(self) -> None:
        if hasattr(self, "engine"):
            self.run(self._look())

    async def _look(self) -> None:
        endpoint, rows = await self.engine.endpoint(), await self.engine.deliveries()
        assert len(rows) == self.engine.messages
        closed = endpoint["state"] in {"failing", "suspended"}
        assert (endpoint["probe_at_ms"] is not None) is closed
        may_hold = endpoint["state"] != "active" or endpoint["draining"] or endpoint["ordered"]
        for row in rows:
            assert row["state"] in {"waiting", "held", "delivered", "dead"}
            assert 0 <= row["tries"] < len(SCHEDULE) + MOST_CRASHES  # one repeat more for each crash
            assert row["tries"] <= row["attempts"]
            assert row["leased_by"] is None or row["state"] == "waiting"
            assert row["state"] != "held" or may_hold or row["tries"] >= len(SCHEDULE)
        if self.strict:
            assert sum(row["state"] == "waiting" for row in rows) <= 1

    def teardown(self) -> None:
        """Once the receiver is good, everything comes to an end."""
        if not hasattr(self, "engine"):
            return
        try:
            self.run(self._end())
        finally:
            self.run(self.stack.aclose())
            self.runner.close()

    async def _end(self) -> None:
        if (await self.engine.endpoint())["state"] == "paused":
            await self._resume(Backlog.ALL)
        await self.engine.accept()
        await self.engine.live(good, self.engine.now_ms + 3 * DAY_MS)
        assert (await self.engine.endpoint())["state"] == "active"
        await self._look()
        for row in await self.engine.deliveries():
            spent = row["state"] == "held" and row["tries"] >= len(SCHEDULE)
            assert row["state"] in {"delivered", "dead"} or spent


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(stateful_step_count=25)
