"""Waits that may last equally long, ended by one timer."""

import asyncio

from relay.deadlines import Deadlines


async def ended(deadlines: Deadlines) -> bool:
    """Whether a wait without an end is ended."""
    waiting = asyncio.get_running_loop().create_future()
    deadline = deadlines.start(lambda: waiting.set_result(None))
    await waiting
    return deadline.is_over


async def test_a_wait_is_ended_when_its_time_is_over() -> None:
    assert await ended(Deadlines(0.001))


async def test_each_of_many_is_ended_also_after_all_were() -> None:
    deadlines = Deadlines(0.001)
    for _ in range(3):
        assert all(await asyncio.gather(*(ended(deadlines) for _ in range(10))))


async def test_what_is_over_before_is_not_ended() -> None:
    deadlines, calls = Deadlines(0.001), list[str]()
    first, second = deadlines.start(lambda: calls.append("first")), deadlines.start(lambda: None)
    first.cancel()
    assert await ended(deadlines)
    assert (calls, first.is_over, second.is_over) == ([], False, True)


async def test_no_earlier_than_its_time() -> None:
    loop, deadlines = asyncio.get_running_loop(), Deadlines(0.02)
    began = loop.time()
    await ended(deadlines)
    assert loop.time() - began >= 0.02


async def test_what_is_over_is_let_go_before_its_time() -> None:
    deadlines = Deadlines(1000)
    for _ in range(100):
        deadlines.start(lambda: None).cancel()
    assert len(deadlines._waits) == 1
