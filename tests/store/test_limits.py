"""Wrong tries are counted for good, one by one."""

import asyncio

from relay.domain.tries import ADDRESS_LIMIT, DEVICE_LIMIT, TOTAL_LIMIT
from relay.store.limits import Admission, admit_try, forget_ended, forget_try
from relay.store.store import Store
from tests.store.conftest import OpenedStore
from tests.store.given import NOW_MS

COUNTERS = ("address:203.0.113.9", "device:1A", "all")


async def admit(store: Store, counters: tuple[str, ...] = COUNTERS, now_ms: int = NOW_MS) -> Admission:
    return await store.driver.transact(admit_try(counters, now_ms))


async def test_tries_at_once_are_as_many_as_in_a_row(store: Store) -> None:
    admissions = await asyncio.gather(*(admit(store) for _ in range(30)))
    assert sum(one.admitted for one in admissions) == DEVICE_LIMIT.tries


async def test_what_is_refused_is_not_counted(opened_store: OpenedStore) -> None:
    for _ in range(15):
        await admit(opened_store.store)
    rows = {row["counter"]: row["tries"] for row in await opened_store.rows("wrong_tries", "counter")}
    assert rows == dict.fromkeys(COUNTERS, DEVICE_LIMIT.tries)


async def test_windows_end_each_by_itself(store: Store) -> None:
    for _ in range(10):
        await admit(store)
    assert not (await admit(store)).admitted
    later = NOW_MS + TOTAL_LIMIT.window_seconds * 1000
    other_device = (COUNTERS[0], "device:2B", "all")
    assert [count.tries for count in (await admit(store, other_device, later)).before] == [10, 0, 0]
    later = NOW_MS + ADDRESS_LIMIT.window_seconds * 1000
    assert [count.tries for count in (await admit(store, COUNTERS, later)).before] == [0, 10, 0]
    later = NOW_MS + DEVICE_LIMIT.window_seconds * 1000
    assert [count.tries for count in (await admit(store, COUNTERS, later)).before] == [0, 0, 0]


async def test_a_right_try_takes_back_its_own_count_only(store: Store) -> None:
    await admit(store)
    right = await admit(store)
    await store.driver.transact(forget_try(right))
    assert [count.tries for count in (await admit(store)).before] == [1, 1, 1]


async def test_a_right_try_of_an_ended_window_takes_nothing_from_the_next(store: Store) -> None:
    right = await admit(store)
    later = NOW_MS + DEVICE_LIMIT.window_seconds * 1000
    await admit(store, COUNTERS, later)
    await store.driver.transact(forget_try(right))
    assert [count.tries for count in (await admit(store, COUNTERS, later)).before] == [1, 1, 1]


async def test_ended_windows_are_swept(opened_store: OpenedStore) -> None:
    store = opened_store.store
    await admit(store)
    await store.driver.transact(forget_ended(NOW_MS + ADDRESS_LIMIT.window_seconds * 1000))
    assert [row["counter"] for row in await opened_store.rows("wrong_tries", "counter")] == ["device:1A"]
