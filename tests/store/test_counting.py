"""Counting and listing what is not delivered, on each database."""

from collections.abc import Sequence

import pytest

from relay.domain.delivery import Cause, DeliveryState
from relay.domain.endpoint import EndpointState
from relay.domain.verdict import Dead
from relay.store import counting, tending
from relay.store.deliveries import Deliveries, Replayed
from relay.store.endpoints import Endpoints
from relay.store.replays import Range, ReplayedStates, Replays
from relay.store.store import LAST_ID
from tests.store.conftest import OpenedStore
from tests.store.given import (
    DEVICE,
    HOST,
    LABEL,
    NOW_MS,
    accept,
    bound_device,
    device,
    provision,
    settle,
    settlement,
    uplink,
    waiting_deliveries,
)


@pytest.fixture
async def opened(opened_store: OpenedStore) -> OpenedStore:
    """One message delivered, two given up, one under way, one due since ten seconds."""
    store = opened_store.store
    await bound_device(store)
    leased = [(await accept(store, uplink(seq_number=number))).deliveries[0] for number in range(4)]
    gone = [settlement(one, Dead(cause=Cause.ABORTED), Cause.ABORTED) for one in leased[:2]]
    await settle(store, *gone, settlement(leased[2]))
    await accept(store, uplink(seq_number=9), received_at_ms=NOW_MS - 10_000, lease_until_ms=None)
    return opened_store


async def test_open_deliveries_and_endpoints_are_counted_by_state(opened: OpenedStore) -> None:
    counts = await opened.driver.transact(counting.count_all())
    assert counts.deliveries == {"waiting": 2, "held": 0, "dead": 2}
    assert counts.endpoints == {"active": 1}
    assert counts.lag_seconds(NOW_MS) == 10.0
    assert counts.lag_seconds(0) == 0.0


async def test_an_empty_database_has_no_lag(opened_store: OpenedStore) -> None:
    assert await opened_store.driver.transact(counting.oldest_due()) is None
    assert counting.lag_seconds(None, NOW_MS) == 0.0


async def test_counting_ends_at_a_limit(opened: OpenedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_COUNTED", 1)
    counts = await opened.driver.transact(counting.count_all())
    assert counts.deliveries == {"waiting": 1, "held": 0, "dead": 1}


async def test_closed_endpoints_are_counted_before_the_limit(
    opened_store: OpenedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MOST_COUNTED", 2)
    hook = {"webhook_url": "https://a.example.com/", "webhook_host": HOST}
    await provision(opened_store.store, *(device(label, **hook) for label in ("A1", "A2", "A3")))
    (paused,) = await Endpoints(opened_store.driver).of_device(0xA2)
    await opened_store.driver.transact(tending.pause(paused.id))
    counts = await opened_store.driver.transact(counting.count_all())
    assert counts.endpoints == {"active": 1, "paused": 1}
    for state, ids in ((EndpointState.PAUSED, [paused.id]), (EndpointState.FAILING, [])):
        found = await Endpoints(opened_store.driver).list(state=state, after=-1, limit=9)
        assert [one.id for one in found] == ids
    assert len(await Endpoints(opened_store.driver).list(state=None, after=-1, limit=9)) == 3


async def test_endpoints_with_something_open_are_walked_through(opened: OpenedStore) -> None:
    hook = {"webhook_url": "https://a.example.com/", "webhook_host": "a.example.com"}
    await provision(opened.store, device("A1", **hook), device("A2", **hook))
    await accept(opened.store, uplink(device=0xA2), received_at_ms=5)
    (first,) = await opened.driver.transact(counting.open_by_endpoint(-1, 1))
    rest = await opened.driver.transact(counting.open_by_endpoint(first.endpoint_id, 9))
    assert [(one.state, one.count) for one in first.open] == [("dead", 2), ("waiting", 2)]
    assert [(one.host, [(each.count, each.oldest_at_ms) for each in one.open]) for one in rest] == [
        ("a.example.com", [(1, 5)])
    ]


async def test_deliveries_are_found_by_state_and_device(opened: OpenedStore) -> None:
    deliveries = Deliveries(opened.driver)
    for number in (None, DEVICE):
        for state, count in ((None, 5), (DeliveryState.DEAD, 2), (DeliveryState.DELIVERED, 1)):
            page = await deliveries.list(device=number, state=state, before=LAST_ID, limit=9)
            assert len(page.deliveries) == count
            assert page.next_before is None
    assert (await deliveries.list(device=1, state=None, before=LAST_ID, limit=9)).deliveries == []


async def test_a_delivery_is_read_with_what_it_brings(opened: OpenedStore) -> None:
    page = await Deliveries(opened.driver).list(
        device=None, state=DeliveryState.DEAD, before=LAST_ID, limit=1
    )
    (listed,) = page.deliveries
    found = await Deliveries(opened.driver).find(listed.id)
    assert found is not None
    assert found.delivery == listed
    assert (listed.device_label, listed.host, listed.cause, listed.leased) == (LABEL, HOST, "aborted", False)
    assert [one.cause for one in found.attempts] == ["aborted"]
    assert await Deliveries(opened.driver).find(LAST_ID) is None


async def test_replays_touch_what_they_should(opened: OpenedStore) -> None:
    deliveries, replays = Deliveries(opened.driver), Replays(opened.driver)
    wanted = Range(device=DEVICE, states=ReplayedStates.DEAD, since_ms=0, until_ms=NOW_MS)
    assert await replays.count(wanted) == 2
    started = await replays.start(wanted, NOW_MS)
    assert await replays.list(9) == [started]
    assert await opened.driver.transact(tending.advance_replays(NOW_MS)) == 2
    (done,) = await replays.list(9)
    assert (done.state, done.done, done.total) == ("done", 2, 2)
    assert not await replays.cancel(started.id)
    leased = next(one for one in await all_of(deliveries) if one.leased)
    assert await deliveries.replay(leased.id, NOW_MS) is Replayed.UNDER_WAY
    assert await deliveries.replay(LAST_ID, NOW_MS) is Replayed.UNKNOWN


async def all_of(deliveries: Deliveries) -> Sequence[object]:
    return (await deliveries.list(device=None, state=None, before=LAST_ID, limit=99)).deliveries


async def test_nothing_that_is_asked_often_reads_a_whole_table(opened_store: OpenedStore) -> None:
    """SQLite says beforehand how it will look; what it calls a scan must be one of a small index."""
    if opened_store.database.__class__.__name__ != "SqliteDatabase":
        pytest.skip("PostgreSQL decides by what the tables hold")
    await waiting_deliveries(opened_store.store, [NOW_MS])
    for sql, index in (
        ("SELECT 1 FROM deliveries WHERE state = 'waiting' LIMIT 9", "deliveries_due"),
        ("SELECT 1 FROM deliveries WHERE state = 'held' LIMIT 9", "deliveries_held"),
        ("SELECT 1 FROM deliveries WHERE state = 'dead' LIMIT 9", "deliveries_dead"),
        ("SELECT state FROM endpoints ORDER BY state DESC LIMIT 9", "endpoints_by_state"),
        (
            "SELECT due_at_ms FROM deliveries WHERE state = 'waiting' ORDER BY due_at_ms LIMIT 1",
            "deliveries_due",
        ),
    ):
        plan = await opened_store.database.rows(f"EXPLAIN QUERY PLAN {sql}")
        assert f"INDEX {index}" in plan[0]["detail"], (sql, plan)
