"""The resolver's places, limits and memory; threads are held by events, never by sleeping."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable

import pytest

from relay.domain.target import Reason, TargetPolicy
from relay.forwarder.refusal import ConnectRefused
from relay.forwarder.resolver import GuardedResolver, system_look_up
from tests.ssrf import StubbedDns

PUBLIC = "93.184.216.34"
CLOSED = TargetPolicy()


class HeldDns:
    """Names that begin with `dead` are answered only when let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.started: list[str] = []

    def __call__(self, host: str) -> list[str]:
        self.started.append(host)
        if host.startswith("dead"):
            self.let_go.wait(60)
        return [PUBLIC]


@pytest.fixture
async def dns() -> AsyncIterator[HeldDns]:
    held = HeldDns()
    yield held
    held.let_go.set()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - what is awaited happens in threads
            await asyncio.sleep(0.001)


async def test_answers_are_given_with_their_family() -> None:
    resolver = GuardedResolver(CLOSED, look_up=StubbedDns([[PUBLIC, "2606:4700::1111"]]))
    results = await resolver.resolve("hooks.example.com", 443)
    assert [(r["host"], r["port"], r["family"]) for r in results] == [
        (PUBLIC, 443, socket.AF_INET),
        ("2606:4700::1111", 443, socket.AF_INET6),
    ]
    assert [r["hostname"] for r in results] == ["hooks.example.com"] * 2
    only = await resolver.resolve("hooks.example.com", 443, socket.AF_INET6)
    assert [r["host"] for r in only] == ["2606:4700::1111"]


@pytest.mark.parametrize(
    "unsafe", ["127.0.0.1", "::1", "169.254.169.254", "::ffff:8.8.8.8", "fe80::1%eth0", "x"]
)
@pytest.mark.parametrize("first", [True, False])
async def test_one_unsafe_address_refuses_the_answer(unsafe: str, first: bool) -> None:
    answer = [unsafe, PUBLIC] if first else [PUBLIC, unsafe]
    with pytest.raises(ConnectRefused) as refused:
        await GuardedResolver(CLOSED, look_up=StubbedDns([answer])).resolve("mixed.example.net", 80)
    assert refused.value.reason in {Reason.PRIVATE, Reason.RESERVED}


async def test_an_empty_answer_is_an_error() -> None:
    with pytest.raises(socket.gaierror):
        await GuardedResolver(CLOSED, look_up=StubbedDns([[]])).resolve("empty.example.net", 80)


async def test_a_failed_look_up_is_an_error_and_forgets_the_address() -> None:
    dns = StubbedDns([[PUBLIC], []])
    resolver = GuardedResolver(CLOSED, look_up=dns)
    await resolver.resolve("hooks.example.com", 80)
    assert resolver.address_of("hooks.example.com") == PUBLIC
    with pytest.raises(OSError, match="no address"):
        await resolver.resolve("hooks.example.com", 80)
    assert resolver.address_of("hooks.example.com") is None


async def test_nothing_is_cached() -> None:
    dns = StubbedDns([[PUBLIC], ["8.8.8.8"]])
    resolver = GuardedResolver(CLOSED, look_up=dns)
    first = await resolver.resolve("hooks.example.com", 80)
    second = await resolver.resolve("hooks.example.com", 80)
    assert [first[0]["host"], second[0]["host"]] == [PUBLIC, "8.8.8.8"]


async def test_who_asks_at_the_same_time_shares_the_look_up(dns: HeldDns) -> None:
    resolver = GuardedResolver(CLOSED, look_up=dns)
    asking = [asyncio.create_task(resolver.resolve("dead.example.net", port)) for port in (80, 443)]
    await until(lambda: len(dns.started) == 1)
    dns.let_go.set()
    assert [result[0]["port"] for result in await asyncio.gather(*asking)] == [80, 443]
    assert dns.started == ["dead.example.net"]


async def test_who_gives_up_leaves_the_look_up_to_the_others(dns: HeldDns) -> None:
    resolver = GuardedResolver(CLOSED, look_up=dns)
    impatient, patient = (asyncio.create_task(resolver.resolve("dead.example.net", 80)) for _ in range(2))
    await until(lambda: len(dns.started) == 1)
    impatient.cancel()
    dns.let_go.set()
    assert (await patient)[0]["host"] == PUBLIC
    assert impatient.cancelled()


async def test_a_look_up_without_end_is_given_up(dns: HeldDns) -> None:
    resolver = GuardedResolver(CLOSED, look_up=dns, limit_seconds=0.01)
    with pytest.raises(socket.gaierror, match="took too long"):
        await resolver.resolve("dead.example.net", 80)


async def test_a_look_up_keeps_its_place_until_its_thread_ends(dns: HeldDns) -> None:
    resolver = GuardedResolver(CLOSED, look_up=dns, limit_seconds=0.01, in_flight=4)
    for number in range(2):
        with pytest.raises(socket.gaierror):
            await resolver.resolve(f"dead{number}.example.net", 80)
    waiting = asyncio.create_task(resolver.resolve("newcomer.example.net", 80))
    await asyncio.sleep(0)
    assert not waiting.done()
    dns.let_go.set()
    assert (await waiting)[0]["host"] == PUBLIC
    assert dns.started == ["dead0.example.net", "dead1.example.net", "newcomer.example.net"]


async def test_dead_names_do_not_delay_names_that_were_answered_before(dns: HeldDns) -> None:
    resolver = GuardedResolver(CLOSED, look_up=dns)
    await resolver.resolve("healthy.example.net", 80)
    dead = [asyncio.create_task(resolver.resolve(f"dead{n}.example.net", 80)) for n in range(50)]
    await until(lambda: len(dns.started) == 11)
    for _ in range(50):
        assert (await resolver.resolve("healthy.example.net", 80))[0]["host"] == PUBLIC
    assert sum(host.startswith("dead") for host in dns.started) == 10
    dns.let_go.set()
    await asyncio.gather(*dead)


async def test_closing_gives_up_what_is_looked_up(dns: HeldDns) -> None:
    resolver = GuardedResolver(CLOSED, look_up=dns)
    asking = asyncio.create_task(resolver.resolve("dead.example.net", 80))
    await until(lambda: len(dns.started) == 1)
    await resolver.close()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_memory_of_addresses_is_bounded() -> None:
    resolver = GuardedResolver(CLOSED, look_up=lambda _: [PUBLIC], remembered=2)
    for host in ("a.example", "b.example", "a.example", "c.example"):
        await resolver.resolve(host, 80)
    assert [resolver.address_of(f"{name}.example") for name in "abc"] == [PUBLIC, None, PUBLIC]


async def test_a_literal_stands_for_itself() -> None:
    resolver = GuardedResolver(CLOSED, look_up=StubbedDns([]))
    assert resolver.address_of("8.8.8.8") == "8.8.8.8"
    assert resolver.address_of("2606:4700:0::1") == "2606:4700::1"
    assert resolver.address_of("unknown.example.net") is None


async def test_no_more_threads_is_an_error_and_frees_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    resolver = GuardedResolver(CLOSED, look_up=lambda _: [PUBLIC], in_flight=2)
    with monkeypatch.context() as without_threads:
        without_threads.setattr(threading.Thread, "start", refuse)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                await resolver.resolve("hooks.example.com", 80)
    assert await resolver.resolve("hooks.example.com", 80)


def test_the_system_knows_this_machine() -> None:
    assert set(system_look_up("localhost")) <= {"127.0.0.1", "::1"}
    assert system_look_up("127.0.0.1") == ["127.0.0.1"]
