"""The sample of refused callbacks stays small, and shows what an operator looks for."""

from relay.store.refusals import (
    MOST_KEPT,
    RefusalCount,
    RefusedCallback,
    find_refused,
    keep_refused,
    list_refused,
    refusal_counts,
)
from relay.store.store import Store
from tests.store.given import NOW_MS


def refused(number: int, *, known: bool = True) -> RefusedCallback:
    return RefusedCallback(
        at_ms=NOW_MS + number,
        known=known,
        address="203.0.113.9",
        status=400 if known else 401,
        reason="device: missing",
        request_line="GET /sigfox/data",
        headers="Host: relay",
        body="",
    )


async def keep(store: Store, *sample: RefusedCallback) -> None:
    tally = {(one.status, one.reason): 0 for one in sample}
    for one in sample:
        tally[one.status, one.reason] += 1
    await store.driver.transact(keep_refused(sample, tally, NOW_MS))


async def test_the_newest_stay(store: Store) -> None:
    await keep(store, *(refused(number) for number in range(80)))
    await keep(store, *(refused(number) for number in range(80, 150)))
    kept = await store.driver.transact(list_refused(1000))
    assert [one.at_ms - NOW_MS for _, one in kept] == [*range(149, 49, -1)]
    assert len(kept) == MOST_KEPT


async def test_strangers_do_not_crowd_out_who_has_the_secret(store: Store) -> None:
    await keep(store, refused(0))
    for _ in range(5):
        await keep(store, *(refused(number, known=False) for number in range(60)))
    kept = await store.driver.transact(list_refused(1000))
    assert [one.known for _, one in kept].count(True) == 1
    assert len(kept) == MOST_KEPT + 1


async def test_one_is_found_as_it_was_kept(store: Store) -> None:
    await keep(store, refused(7))
    ((refused_id, listed),) = await store.driver.transact(list_refused(1))
    assert await store.driver.transact(find_refused(refused_id)) == listed == refused(7)
    assert await store.driver.transact(find_refused(refused_id + 1)) is None


async def test_all_are_counted(store: Store) -> None:
    await store.driver.transact(keep_refused([], {(401, "secret"): 5000, (400, "x"): 1}, NOW_MS))
    await store.driver.transact(keep_refused([], {(401, "secret"): 7}, NOW_MS + 1))
    assert await store.driver.transact(refusal_counts(10)) == [
        RefusalCount(status=401, reason="secret", count=5007, last_at_ms=NOW_MS + 1),
        RefusalCount(status=400, reason="x", count=1, last_at_ms=NOW_MS),
    ]
