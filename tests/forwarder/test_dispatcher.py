"""From the table to the receiver and back: a real SQLite store, real receivers, a clock moved by hand."""

import asyncio
import json
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from relay.config.model import ForwarderSettings
from relay.domain.delivery import Cause, DeliveryState
from relay.domain.endpoint import Endpoint
from relay.domain.signing import make_secret
from relay.domain.target import TargetPolicy
from relay.errors import StoreUnavailable
from relay.forwarder import dispatcher as module
from relay.forwarder.lanes import Limits
from relay.forwarder.sample import sample_delivery
from relay.store.driver import Driver, Steps, T
from relay.store.endpoints import Endpoints
from relay.store.notices import Notices
from relay.store.sqlite import SqliteDriver
from relay.store.vault import Vault
from tests.forwarder.conftest import DEVICE, Clock, Rig, started
from tests.forwarder.receivers import OK, Answer, Receiver, Request, hangs, receiver, status

SCHEDULE = ForwarderSettings().schedule
LEASE_SECONDS = 60.0


def answers(*raw: bytes) -> Answer:
    """One answer after the other; the last one stays."""
    left = list(raw)

    async def answer(writer: asyncio.StreamWriter, _: Request) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])

    return answer


@dataclass(slots=True)
class Held:
    """Answers each request when told to: `let_go(n, raw)` answers the n-th, from 0."""

    gates: list["asyncio.Future[bytes]"] = field(default_factory=list)

    async def __call__(self, writer: asyncio.StreamWriter, _: Request) -> None:
        gate = asyncio.get_running_loop().create_future()
        self.gates.append(gate)
        writer.write(await gate)

    def let_go(self, number: int, raw: bytes = OK) -> None:
        self.gates[number].set_result(raw)


def came(count: int) -> Callable[[Receiver], bool]:
    return lambda seen: len(seen.requests) >= count


# --- fresh messages


async def test_a_fresh_message_goes_from_memory_to_its_receiver(rig: Rig) -> None:
    async with receiver() as at:
        await rig.register(at.url("/hook?key=1"))
        await rig.offer(data="c0ffee")
        delivery = await rig.settled()
    (request,) = at.requests
    assert request.target == "/hook?key=1"
    assert json.loads(request.body) == {
        "snr": 14.99,
        "device": "1A2B3C",
        "rssi": -136.0,
        "time": 1_800_000_000,
        "data": "c0ffee",
    }
    assert request.headers["webhook-id"] == delivery.webhook_id
    assert (delivery.state, delivery.attempt_count, delivery.cause) == (DeliveryState.DELIVERED, 1, None)
    (attempt,) = delivery.attempts
    assert (attempt.number, attempt.status, attempt.cause, attempt.answer) == (1, 200, None, "ok")
    assert attempt.at_ms == rig.clock.now_ms


async def test_nothing_is_claimed_while_it_is_leased(rig: Rig) -> None:
    held = Held()
    async with receiver(held) as at:
        await rig.register(at.url())
        await rig.offer()
        await at.until(came(1))
        assert await rig.dispatcher.claim_once() == 0
        held.let_go(0)
        await rig.settled()
        assert await rig.dispatcher.claim_once() == 0
    assert len(at.requests) == 1


async def test_without_room_a_message_comes_by_the_table(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiver() as at:
        await rig.register(at.url())
        monkeypatch.setattr(module, "ROOM", 0)
        assert rig.dispatcher.lease_until_ms() is None
        accepted = await rig.accept()
        assert accepted.deliveries == ()
        assert await rig.dispatcher.claim_once() == 0
        monkeypatch.setattr(module, "ROOM", 10)
        assert await rig.dispatcher.claim_once() == 1
        assert (await rig.settled()).state is DeliveryState.DELIVERED


async def test_no_more_is_claimed_than_there_is_room_for(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ROOM", 3)
    held = Held()
    async with receiver(held) as at:
        await rig.register(at.url())
        for _ in range(7):
            await rig.accept(leased=False)
        assert await rig.dispatcher.claim_once() == 3
        await at.until(came(2))
        assert (rig.dispatcher.lanes.in_flight, rig.dispatcher.lanes.waiting) == (2, 1)
        assert await rig.dispatcher.claim_once() == 2
        assert await rig.dispatcher.claim_once() == 0


# --- retries


async def test_a_failing_receiver_is_asked_again_by_the_schedule(rig: Rig, clock: Clock) -> None:
    began, tries = clock.now, 9
    async with receiver(status(500, b"no")) as at:
        await rig.register(at.url())
        await rig.offer()
        for number in range(1, tries):
            delivery = await rig.settled(attempts=number)
            assert (delivery.state, delivery.cause) == (DeliveryState.WAITING, Cause.SERVER_ERROR)
            assert delivery.due_at_ms == clock.now_ms + round(SCHEDULE[number] * 1000)
            clock.now = (delivery.due_at_ms - 1) / 1000
            assert await rig.dispatcher.claim_once() == 0
            clock.now = delivery.due_at_ms / 1000
            assert await rig.dispatcher.claim_once() == 1
        delivery = await rig.settled(attempts=tries)
    assert [attempt.number for attempt in delivery.attempts] == list(range(1, tries + 1))
    assert {(attempt.status, attempt.answer) for attempt in delivery.attempts} == {(500, "no")}
    assert clock.now - began == pytest.approx(sum(SCHEDULE[:tries]))
    assert len(at.requests) == tries
    assert len({request.headers["webhook-id"] for request in at.requests}) == 1
    assert len({request.body for request in at.requests}) == 1


async def test_after_the_last_try_a_message_is_kept_with_its_cause_and_not_tried_again(
    rig: Rig, clock: Clock
) -> None:
    rig.dispatcher = rig.new_dispatcher(schedule=(0.0, 5.0, 30.0))
    async with receiver(status(404)) as at:
        await rig.register(at.url())
        await rig.offer()
        for number in (1, 2):
            clock.now = (await rig.settled(attempts=number)).due_at_ms / 1000
            assert await rig.dispatcher.claim_once() == 1
        delivery = await rig.settled(attempts=3)
        assert delivery.state in {DeliveryState.HELD, DeliveryState.DEAD}
        assert delivery.cause == Cause.CLIENT_ERROR
        clock.now += 30 * 86400
        assert await rig.dispatcher.claim_once() == 0
    assert len(at.requests) == 3


async def test_a_receiver_that_recovers_gets_its_message(rig: Rig, clock: Clock) -> None:
    async with receiver(answers(status(503, headers="Retry-After: 600\r\n"), OK)) as at:
        await rig.register(at.url())
        await rig.offer()
        delivery = await rig.settled(attempts=1)
        assert delivery.due_at_ms >= clock.now_ms + 600_000
        clock.now = delivery.due_at_ms / 1000
        assert await rig.dispatcher.claim_once() == 1
        delivery = await rig.settled(attempts=2)
    assert (delivery.state, delivery.cause) == (DeliveryState.DELIVERED, None)
    assert [attempt.status for attempt in delivery.attempts] == [503, 200]


async def test_a_retry_goes_to_the_url_that_is_bound_by_then(rig: Rig, clock: Clock) -> None:
    async with receiver(status(500)) as old, receiver() as new:
        await rig.register(old.url())
        await rig.offer()
        await rig.settled(attempts=1)
        await rig.register(new.url())
        clock.now += 60
        assert await rig.dispatcher.claim_once() == 1
        delivery = await rig.settled(attempts=2)
    assert delivery.state is DeliveryState.DELIVERED
    assert (len(old.requests), len(new.requests)) == (1, 1)


async def test_a_fresh_message_is_not_held_back_by_an_old_one(rig: Rig) -> None:
    async with receiver(answers(status(500), OK)) as at:
        await rig.register(at.url())
        await rig.offer(data="01")
        await rig.until(DeliveryState.WAITING)
        await rig.offer(data="02")
        old, fresh = await rig.until(DeliveryState.DELIVERED)
    assert (old.state, fresh.state) == (DeliveryState.WAITING, DeliveryState.DELIVERED)


# --- leases


async def test_a_lease_too_short_for_an_attempt_is_given_back_unused(rig: Rig, clock: Clock) -> None:
    async with receiver() as at:
        await rig.register(at.url())
        accepted = await rig.accept()
        clock.now += 41
        rig.dispatcher.offer(accepted.deliveries)
        (delivery,) = await rig.until(DeliveryState.WAITING)
        assert (delivery.attempt_count, delivery.due_at_ms, at.requests) == (0, clock.now_ms, [])
        assert await rig.dispatcher.claim_once() == 1
        delivery = await rig.settled()
    assert [attempt.number for attempt in delivery.attempts] == [1]


@pytest.mark.parametrize("seconds", [86400, -3600, -86400])
async def test_a_clock_that_jumps_costs_no_message(rig: Rig, clock: Clock, seconds: float) -> None:
    async with receiver() as at:
        await rig.register(at.url())
        accepted = await rig.accept()
        clock.now += seconds
        rig.dispatcher.offer(accepted.deliveries)
        await rig.end_attempts()
        await rig.dispatcher.claim_once()
        assert (await rig.settled()).state is DeliveryState.DELIVERED
    assert len(at.requests) == 1


async def test_a_lease_lasts_as_long_as_the_longest_attempt(rig: Rig) -> None:
    slow = rig.new_dispatcher(timeout_seconds=60.0)
    lease_until_ms = slow.lease_until_ms()
    assert lease_until_ms is not None
    assert lease_until_ms - rig.clock.now_ms > 2 * 60_000 - 30_000
    assert rig.dispatcher.lease_until_ms() == rig.clock.now_ms + round(LEASE_SECONDS * 1000)


async def test_who_lost_the_lease_does_not_overwrite_the_successor(rig: Rig, clock: Clock) -> None:
    held = Held()
    async with receiver(held) as at:
        await rig.register(at.url())
        await rig.offer()
        await at.until(came(1))
        clock.now += LEASE_SECONDS + 1
        assert await rig.dispatcher.claim_once() == 1
        await at.until(came(2))
        held.let_go(1, OK)
        await rig.until(DeliveryState.DELIVERED)
        held.let_go(0, status(500))
        delivery = await rig.settled(attempts=2)
    assert (delivery.state, delivery.cause, delivery.attempt_count) == (DeliveryState.DELIVERED, None, 2)
    assert [(attempt.number, attempt.status) for attempt in delivery.attempts] == [(1, 500), (2, 200)]
    await rig.end_attempts()
    assert rig.dispatcher.lanes.in_flight == 0


# --- stopping and starting


async def test_stopping_lets_attempts_end_and_gives_back_what_waits(rig: Rig) -> None:
    held = Held()
    rig.dispatcher = rig.new_dispatcher(limits=Limits(total=9, per_endpoint=1, per_address=9))
    async with receiver(held) as at:
        await rig.register(at.url())
        for _ in range(3):
            await rig.offer()
        await at.until(came(1))
        stopping = asyncio.create_task(rig.dispatcher.stop(grace_seconds=30))
        await rig.until(DeliveryState.WAITING, count=2)
        assert rig.dispatcher.lease_until_ms() is None
        assert not stopping.done()
        held.let_go(0)
        await stopping
        first, *others = await rig.until(DeliveryState.DELIVERED)
    assert first.state is DeliveryState.DELIVERED
    assert {(one.state, one.attempt_count, one.leased) for one in others} == {
        (DeliveryState.WAITING, 0, False)
    }
    assert {one.due_at_ms for one in others} == {rig.clock.now_ms}
    assert len(at.requests) == 1


async def test_stopping_does_not_wait_for_ever(rig: Rig) -> None:
    async with receiver(hangs()) as at:
        await rig.register(at.url())
        await rig.offer()
        await at.until(came(1))
        await rig.dispatcher.stop(grace_seconds=0)
    assert not rig.dispatcher._attempts
    (delivery,) = await rig.kept()
    assert delivery.state is DeliveryState.WAITING


async def test_the_next_start_picks_up_what_was_due_or_in_flight(tmp_path: Path, clock: Clock) -> None:
    async with receiver(answers(status(500), OK)) as at, receiver(hangs()) as hanging:
        async with started(tmp_path / "relay.db", clock) as before:
            await before.register(at.url())
            await before.register(hanging.url(), 0xB)
            await before.offer()
            await before.settled(attempts=1)
            await before.offer(0xB)
            await hanging.until(came(1))
        clock.now += 10
        async with started(tmp_path / "relay.db", clock) as after, receiver() as healed:
            await after.register(healed.url(), 0xB)
            assert await after.dispatcher.claim_once() == 2
            delivery = await after.settled(attempts=2)
            in_flight = await after.settled(0xB)
    assert [attempt.status for attempt in delivery.attempts] == [500, 200]
    assert (in_flight.state, in_flight.attempt_count) == (DeliveryState.DELIVERED, 2)
    assert healed.requests[0].headers["webhook-id"] == hanging.requests[0].headers["webhook-id"]


async def test_running_means_claiming_until_stopped(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    async with receiver() as at, asyncio.TaskGroup() as tasks:
        await rig.register(at.url())
        running = tasks.create_task(rig.dispatcher.run())
        await rig.accept(leased=False)
        await rig.until(DeliveryState.DELIVERED)
        await rig.accept(leased=False)
        await rig.until(DeliveryState.DELIVERED, count=2)
        await rig.dispatcher.stop(grace_seconds=30)
        await running


async def test_due_work_is_claimed_at_once_and_not_at_the_next_poll(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 3600.0)
    async with receiver() as at, asyncio.TaskGroup() as tasks:
        await rig.register(at.url())
        running = tasks.create_task(rig.dispatcher.run())
        for count in (1, 2):
            await rig.accept(leased=False)
            await rig.until(DeliveryState.DELIVERED, count=count)
        await rig.dispatcher.stop(grace_seconds=30)
        await running


async def test_what_waits_in_memory_for_an_endpoint_that_is_paused_is_not_sent(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 3600.0)
    rig.dispatcher = rig.new_dispatcher(limits=Limits(total=1, per_endpoint=1, per_address=1))
    answer = Held()
    async with receiver(answer) as at, asyncio.TaskGroup() as tasks:
        await rig.register(at.url())
        running = tasks.create_task(rig.dispatcher.run())
        for _ in range(3):
            await rig.offer()
        await at.until(came(1))
        endpoints = Endpoints(rig.store.driver)
        (endpoint,) = await endpoints.of_device(DEVICE)
        await endpoints.pause(endpoint.id)
        await rig.until(DeliveryState.HELD, count=2)
        answer.let_go(0)
        await rig.until(DeliveryState.DELIVERED)
        await rig.dispatcher.stop(grace_seconds=30)
        await running
        assert len(at.requests) == 1


@dataclass(slots=True)
class SlowDriver:
    """Answers when `gate` is open; `asked` is set when it was asked."""

    driver: Driver
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def notices(self) -> Notices:
        return self.driver.notices

    async def transact(self, steps: Steps[T]) -> T:
        result = await self.driver.transact(steps)
        self.asked.set()
        await self.gate.wait()
        return result

    async def close(self) -> None: ...


async def test_what_is_claimed_while_stopping_is_given_back(rig: Rig) -> None:
    slow = SlowDriver(rig.store.driver)
    rig.dispatcher = rig.new_dispatcher(store=replace(rig.store, driver=slow))
    async with receiver() as at, asyncio.TaskGroup() as tasks:
        await rig.register(at.url())
        await rig.accept(leased=False)
        running = tasks.create_task(rig.dispatcher.run())
        await slow.asked.wait()
        stopping = tasks.create_task(rig.dispatcher.stop(grace_seconds=30))
        await stopping
        slow.gate.set()
        await running
        (delivery,) = await rig.kept()
    assert (delivery.state, delivery.leased, delivery.attempt_count) == (DeliveryState.WAITING, False, 0)
    assert at.requests == []


# --- what is wrong with us


async def test_a_wrong_secret_key_is_a_failed_attempt(rig: Rig) -> None:
    rig.dispatcher = rig.new_dispatcher(vault=Vault(["another key than the one that sealed the rows"]))
    async with receiver() as at:
        await rig.register(at.url())
        await rig.offer()
        delivery = await rig.settled(attempts=1)
    assert (delivery.state, delivery.cause) == (DeliveryState.WAITING, Cause.INTERNAL)
    assert (delivery.attempts[0].status, delivery.attempts[0].cause) == (None, Cause.INTERNAL)
    assert at.connections == 0


async def test_an_address_that_may_not_be_connected_to_is_a_failed_attempt(rig: Rig) -> None:
    rig.dispatcher = rig.new_dispatcher(policy=TargetPolicy())
    async with receiver() as at:
        await rig.register(at.url())
        await rig.offer()
        delivery = await rig.settled(attempts=1)
    assert (delivery.state, delivery.cause) == (DeliveryState.WAITING, Cause.BLOCKED_ADDRESS)
    assert at.connections == 0


@pytest.mark.parametrize("broken", ["no signing secret", b"", b"\x00" * 20])
async def test_a_row_that_breaks_us_is_a_failed_attempt_each_time(
    rig: Rig, clock: Clock, broken: str | bytes
) -> None:
    async with receiver() as at:
        await rig.register(at.url())
        await _spoil_secret(rig, broken)
        await rig.offer()
        for number in (1, 2, 3):
            delivery = await rig.settled(attempts=number)
            assert (delivery.state, delivery.cause) == (DeliveryState.WAITING, Cause.INTERNAL)
            clock.now = delivery.due_at_ms / 1000
            assert await rig.dispatcher.claim_once() == 1
        await rig.settled(attempts=4)
    assert at.connections == 0


async def _spoil_secret(rig: Rig, broken: str | bytes) -> None:
    def spoil(connection: sqlite3.Connection) -> None:
        (endpoint_id,) = connection.execute("SELECT id FROM endpoints").fetchone()
        place = f"endpoints.secret:{endpoint_id}"
        sealed = rig.store.vault.seal(broken, place) if isinstance(broken, str) else broken
        connection.execute("UPDATE endpoints SET secret_sealed = ?", [sealed])

    assert isinstance(rig.database.driver, SqliteDriver)
    await rig.database.driver.run_script(spoil)


async def test_a_fault_in_one_attempt_is_logged_and_stops_nothing(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    faults = [ZeroDivisionError("a fault of ours")]

    def spread() -> float:
        if faults:
            raise faults.pop()
        return 0.5

    rig.dispatcher = rig.new_dispatcher(spread=spread)
    async with receiver() as at:
        await rig.register(at.url())
        await rig.offer()
        await rig.end_attempts()
        await rig.offer()
        await rig.until(DeliveryState.DELIVERED)
    broke = [record for record in caplog.records if record.message == "delivery.broke"]
    assert [record.levelno for record in broke] == [logging.ERROR]
    assert broke[0].exc_info
    assert (rig.dispatcher.lanes.in_flight, len(at.requests)) == (0, 2)


@dataclass(slots=True)
class BrokenDriver:
    """A database that takes nothing."""

    notices: Notices = field(default_factory=Notices)

    async def transact(self, steps: Steps[T]) -> T:
        steps.close()
        raise StoreUnavailable("the disk is full")

    async def close(self) -> None: ...


async def test_a_database_that_takes_nothing_stops_nothing(
    rig: Rig, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    rig.dispatcher = rig.new_dispatcher(
        store=replace(rig.store, driver=BrokenDriver()), limits=Limits(total=1, per_endpoint=1, per_address=1)
    )
    async with receiver(hangs()) as at:
        await rig.register(at.url())
        assert await rig.dispatcher.claim_once() == 0
        late = await rig.accept()
        clock.now += 41
        rig.dispatcher.offer(late.deliveries)
        await rig.end_attempts()
        await rig.offer()
        await rig.offer()
        await at.until(came(1))
        await rig.dispatcher.stop(grace_seconds=0)
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == [
        "delivery.claim_failed",
        "delivery.give_back_failed",
        "delivery.give_back_failed",
    ]
    assert rig.dispatcher.lanes.in_flight == 0


# --- limits


async def test_endpoints_at_one_address_share_its_limit_though_each_is_new(rig: Rig) -> None:
    held = Held()
    rig.dispatcher = rig.new_dispatcher(limits=Limits(total=100, per_endpoint=2, per_address=3))
    devices = range(1, 13)
    async with receiver(held) as at:
        for device in devices:
            await rig.register(at.url(), device)
        for device in devices:
            await rig.offer(device)
        await at.until(came(3))
        for number in range(12):
            await at.until(came(number + 1))
            held.let_go(number)
        for device in devices:
            await rig.settled(device)
    assert at.most_at_once == 3


async def test_an_endpoint_that_hangs_delays_no_other(rig: Rig) -> None:
    async with receiver(hangs()) as bad, receiver() as good:
        await rig.register(bad.url(), 0xBAD)
        await rig.register(good.url(), 0x600D)
        for _ in range(20):
            await rig.offer(0xBAD)
        await bad.until(came(2))
        await rig.offer(0x600D)
        assert (await rig.settled(0x600D)).state is DeliveryState.DELIVERED
        assert bad.most_at_once == 2


# --- trying out


async def test_trying_out_sends_a_signed_sample_and_leaves_nothing_in_the_books(
    rig: Rig, clock: Clock
) -> None:
    async with receiver(status(418, b"a teapot")) as at:
        endpoint = Endpoint(id=77, device=DEVICE, url=at.url(), secret=make_secret(b"s" * 32))
        sample = sample_delivery(endpoint, "1A2B3C", "msg_sample", clock.now)
        outcome = await rig.dispatcher.attempting.try_out(endpoint, sample)
    assert (outcome.status, outcome.cause, outcome.answer) == (418, Cause.CLIENT_ERROR, "a teapot")
    assert json.loads(at.requests[0].body)["device"] == "1A2B3C"
    assert at.requests[0].headers["webhook-signature"].startswith("v1,")
    assert await rig.kept() == []
    assert rig.dispatcher.lanes._lanes == {}


@pytest.mark.parametrize(
    ("url", "secret", "cause"),
    [
        ("http://10.0.0.1/", make_secret(b"s" * 32), Cause.BLOCKED_ADDRESS),
        ("http://169.254.169.254/", make_secret(b"s" * 32), Cause.BLOCKED_ADDRESS),
        ("http://127.0.0.1:1234/", "no secret", Cause.INTERNAL),
    ],
)
async def test_trying_out_never_raises(rig: Rig, clock: Clock, url: str, secret: str, cause: Cause) -> None:
    endpoint = Endpoint(id=77, device=DEVICE, url=url, secret=secret)
    outcome = await rig.dispatcher.attempting.try_out(
        endpoint, sample_delivery(endpoint, "1A2B3C", "msg_sample", clock.now)
    )
    assert (outcome.status, outcome.cause) == (None, cause)
