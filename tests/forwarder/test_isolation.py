"""One dead, slow or hostile endpoint delays no other: the running dispatcher among real receivers."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from relay.domain.delivery import Cause, DeliveryState
from relay.forwarder import dispatcher as module
from relay.forwarder.guard import guarded_client
from relay.forwarder.lanes import Limits
from relay.forwarder.resolver import GuardedResolver, LookUp
from relay.store.endpoints import Endpoints
from relay.store.sqlite import SqliteDriver
from tests.forwarder.certificates import USUAL_TLS
from tests.forwarder.conftest import LOOPBACK, Rig
from tests.forwarder.receivers import hangs, receiver, says, status
from tests.forwarder.test_dispatcher import came

GOOD = 0x600D
HANGING = range(0xBAD0, 0xBAD6)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hangs is known as slow at the next look."""
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(module, "SLOW_SECONDS", 0.01)


@asynccontextmanager
async def running(rig: Rig) -> AsyncIterator[None]:
    """The dispatcher claims, hears of endpoints that change, and looks for what hangs."""
    task = asyncio.create_task(rig.dispatcher.run())
    try:
        yield
    finally:
        await rig.dispatcher.stop(grace_seconds=0)
        await task


async def closed_port() -> int:
    """Where nobody listens."""
    async with receiver() as gone:
        return gone.port


async def endpoint_id(rig: Rig, device: int) -> int:
    (endpoint,) = await Endpoints(rig.store.driver).of_device(device)
    return endpoint.id


async def until_slow(rig: Rig, endpoints: set[int]) -> None:
    async with asyncio.timeout(30):
        while True:
            if endpoints <= rig.dispatcher.lanes._slow_endpoints:
                return
            await asyncio.sleep(0.005)


async def count(rig: Rig, what: str) -> int:
    """Rows of a table."""
    assert isinstance(rig.database.driver, SqliteDriver)
    (number,) = await rig.database.driver.run_script(
        lambda connection: connection.execute(f"SELECT COUNT(*) FROM {what}").fetchone()
    )
    return int(number)


async def test_endpoints_that_hang_keep_nothing_from_the_others(rig: Rig) -> None:
    rig.dispatcher = rig.new_dispatcher(limits=Limits(total=100, per_endpoint=2, per_address=100))
    async with receiver(hangs()) as bad, receiver() as good, running(rig):
        for device in HANGING:
            await rig.register(bad.url(), device)
        await rig.register(good.url(), GOOD)
        for device in HANGING:
            for _ in range(5):
                await rig.offer(device)
        await bad.until(came(2 * len(HANGING)))
        for _ in range(20):
            await rig.offer(GOOD)
        await rig.until(DeliveryState.DELIVERED, count=20, device=GOOD)
        assert bad.most_at_once == 2 * len(HANGING)


async def test_endpoints_known_as_slow_take_no_more_than_half_of_the_room(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLOW_SECONDS", 60)  # or a busy machine makes the good one slow as well
    rig.dispatcher = rig.new_dispatcher(limits=Limits(total=4, per_endpoint=2, per_address=100))
    for device in HANGING:
        await rig.register("http://127.0.0.1:9/", device)
        rig.dispatcher.lanes.mark(await endpoint_id(rig, device), slow=True)
    async with receiver(hangs()) as bad, receiver() as good, running(rig):
        for device in HANGING:
            await rig.register(bad.url(), device)
        await rig.register(good.url(), GOOD)
        for device in HANGING:
            await rig.offer(device)
        await bad.until(came(2))
        for _ in range(20):
            await rig.offer(GOOD)
        await rig.until(DeliveryState.DELIVERED, count=20, device=GOOD)
        assert (bad.most_at_once, len(bad.requests)) == (2, 2)


async def test_an_endpoint_that_turns_out_to_hang_counts_as_slow_while_it_does(rig: Rig) -> None:
    rig.dispatcher = rig.new_dispatcher(limits=Limits(total=6, per_endpoint=1, per_address=100))
    async with receiver(hangs()) as bad, receiver() as good, running(rig):
        for device in HANGING:
            await rig.register(bad.url(), device)
        await rig.register(good.url(), GOOD)
        for device in HANGING[:3]:
            await rig.offer(device)
        await bad.until(came(3))
        hanging = {await endpoint_id(rig, device) for device in HANGING[:3]}
        await until_slow(rig, hanging)
        for device in HANGING[:3]:
            await rig.offer(device)
        await rig.offer(GOOD)
        await rig.until(DeliveryState.DELIVERED, device=GOOD)
        assert len(bad.requests) == 3


@asynccontextmanager
async def dns(rig: Rig, look_up: LookUp) -> AsyncIterator[None]:
    """Names of receivers are looked up by this."""
    resolver = GuardedResolver(LOOPBACK, look_up=look_up)
    async with guarded_client(LOOPBACK, resolver, tls=USUAL_TLS, total_seconds=30) as client:
        rig.resolver, rig.client = resolver, client
        rig.dispatcher = rig.new_dispatcher(limits=Limits(total=100, per_endpoint=2, per_address=3))
        yield
        await resolver.close()


@pytest.mark.parametrize("looked_up", [True, False])
async def test_many_host_names_of_one_address_share_its_limit(rig: Rig, looked_up: bool) -> None:
    names = {f"host-{number}.example": device for number, device in enumerate(range(0x100, 0x120))}
    async with (
        dns(rig, lambda name: ["127.0.0.1" if name in names else "127.0.0.2"]),
        receiver(hangs()) as bad,
        receiver(host="127.0.0.2") as good,
    ):
        for name, device in names.items():
            if looked_up:
                await rig.resolver.resolve(name)
            await rig.register(bad.url(host=name), device)
        await rig.register(good.url(host="good.example"), GOOD)
        async with running(rig):
            for device in names.values():
                await rig.offer(device)
            await bad.until(came(3))
            for _ in range(20):
                await rig.offer(GOOD)
            await rig.until(DeliveryState.DELIVERED, count=20, device=GOOD)
            assert (bad.most_at_once, len(bad.requests)) == (3, 3)


async def test_a_new_name_without_an_address_is_looked_up_once_an_attempt(rig: Rig) -> None:
    asked = []

    def look_up(name: str) -> list[str]:
        asked.append(name)
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    async with dns(rig, look_up):
        await rig.register("https://nowhere.example/", GOOD)
        await rig.offer(GOOD)
        delivery = await rig.settled(GOOD)
    (attempt,) = delivery.attempts
    assert (attempt.cause, attempt.status, asked) == (Cause.DNS, None, ["nowhere.example"])


async def test_what_is_looked_up_while_its_endpoint_is_paused_is_not_sent(rig: Rig) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def look_up(_: str) -> list[str]:
        begun.set()
        go_on.wait(30)
        return ["127.0.0.1"]

    async with dns(rig, look_up), receiver() as at, running(rig):
        await rig.register(at.url(host="new.example"), GOOD)
        await rig.offer(GOOD)
        await asyncio.to_thread(begun.wait, 30)
        await Endpoints(rig.store.driver).pause(await endpoint_id(rig, GOOD))
        go_on.set()
        await rig.until(DeliveryState.HELD, device=GOOD)
    assert at.requests == []


async def test_what_waits_for_an_endpoint_that_closes_goes_back_and_is_held(rig: Rig) -> None:
    async with receiver(status(410)) as gone, receiver() as good, running(rig):
        await rig.register(gone.url())
        await rig.register(good.url(), GOOD)
        for _ in range(30):
            await rig.accept(leased=False)
        kept = await rig.until(DeliveryState.HELD, count=30)
        await rig.offer(GOOD)
        await rig.until(DeliveryState.DELIVERED, device=GOOD)
        assert {one.attempt_count for one in kept} == {0, 1}
        assert rig.dispatcher.lanes.waiting == 0
        assert len(gone.requests) == sum(one.attempt_count for one in kept) <= 4


@pytest.mark.parametrize("answer", ["refused", "500"])
async def test_a_dead_endpoint_with_many_messages_is_asked_a_dozen_times(rig: Rig, answer: str) -> None:
    async with receiver(says(status(500))) as at:
        port = at.port if answer == "500" else await closed_port()
        await rig.register(f"http://127.0.0.1:{port}/")
        for _ in range(300):
            await rig.accept(leased=False)
        async with running(rig):
            while await count(rig, "deliveries WHERE state = 'held'") < 300:
                rig.clock.now += 1
                await asyncio.sleep(0.01)
        assert 10 <= await count(rig, "attempts") <= 20
