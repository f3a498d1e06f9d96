"""What two nodes may do at the same moment."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from relay.domain.delivery import Delivery
from relay.store import tending
from relay.store.driver import rows_of
from relay.store.notices import NOTHING
from relay.store.records import Accepted
from relay.store.settling import release_next
from relay.store.store import Store, open_store
from tests.store.conftest import OpenedStore
from tests.store.databases import SqliteDatabase
from tests.store.given import (
    LEASE_UNTIL_MS,
    NOW_MS,
    VAULT,
    accept,
    bind,
    bound_device,
    device,
    provision,
    settle,
    settlement,
    uplink,
)

ROUNDS = 15


@pytest.fixture
async def other(opened_store: OpenedStore) -> AsyncIterator[Store]:
    """Another node, on PostgreSQL with connections of its own."""
    async with AsyncExitStack() as stack:
        if isinstance(opened_store.database, SqliteDatabase):
            yield await stack.enter_async_context(opened_store.another("node-2"))
        else:
            driver = await stack.enter_async_context(opened_store.database.opened())
            yield await stack.enter_async_context(open_store(driver, VAULT, "node-2"))


async def ordered_endpoint(store: Store) -> int:
    endpoint = (await bound_device(store)).endpoint.id
    await store.driver.transact(rows_of("set_ordered", id=endpoint, ordered=1))
    return endpoint


async def states(opened_store: OpenedStore) -> list[str]:
    return sorted(row["state"] for row in await opened_store.rows("deliveries"))


def first(*accepted: Accepted) -> Delivery:
    """The one that may go."""
    (delivery,) = [delivery for one in accepted for delivery in one.deliveries]
    return delivery


async def test_only_one_message_goes_when_two_nodes_accept_at_once_in_order(
    opened_store: OpenedStore, store: Store, other: Store
) -> None:
    await ordered_endpoint(store)
    await asyncio.gather(accept(store, uplink(device=1)), accept(other, uplink(device=1)))
    for round_ in range(ROUNDS):
        numbers = (2 * round_, 2 * round_ + 1)
        one, two = await asyncio.gather(
            accept(store, uplink(seq_number=numbers[0])), accept(other, uplink(seq_number=numbers[1]))
        )
        going = first(one, two)
        assert (await states(opened_store)).count("waiting") == 1
        await opened_store.database.execute("UPDATE deliveries SET state = 'delivered'")
        assert going.attempt == 1


async def test_what_is_accepted_while_another_node_ends_the_one_before_is_not_forgotten(
    opened_store: OpenedStore, store: Store, other: Store
) -> None:
    await ordered_endpoint(store)
    holder, idle = store, other
    under_way = first(await accept(holder, uplink(seq_number=0)))
    for number in range(1, ROUNDS):
        _, accepted = await asyncio.gather(
            settle(holder, settlement(under_way)), accept(idle, uplink(seq_number=number))
        )
        if accepted.deliveries:
            (under_way,) = accepted.deliveries
            holder, idle = idle, holder
        else:
            (under_way,) = await holder.claim_due(
                now_ms=NOW_MS + 1000, lease_until_ms=LEASE_UNTIL_MS, limit=10
            )
    assert (await states(opened_store)).count("held") == 0


async def test_in_order_messages_go_as_they_came_whichever_node_took_them(
    opened_store: OpenedStore, store: Store, other: Store
) -> None:
    endpoint = await ordered_endpoint(store)
    for node in (store, other):
        await accept(node, uplink(device=1))  # each has ids in reserve from now on
    came = [await accept((other, store)[number % 2], uplink(seq_number=number)) for number in range(6)]
    await opened_store.database.execute("UPDATE deliveries SET state = 'held', leased_by = NULL")
    went = []
    while await store.driver.transact(release_next(endpoint, NOW_MS)):
        went += await opened_store.database.rows("SELECT uplink_id FROM deliveries WHERE state = 'waiting'")
        await opened_store.database.execute("UPDATE deliveries SET state = 'dead' WHERE state = 'waiting'")
    assert [row["uplink_id"] for row in went] == [one.uplink_id for one in came]


async def test_what_is_held_just_after_an_endpoint_was_drained_goes_out_as_well(
    opened_store: OpenedStore, store: Store
) -> None:
    endpoint = (await bound_device(store)).endpoint.id
    await accept(store, lease_until_ms=None)
    await store.driver.transact(tending.resume(endpoint))
    await store.driver.transact(tending.drain_opened(NOW_MS))
    await opened_store.database.execute(
        "UPDATE deliveries SET state = 'held'"
    )  # by a node that looked before

    released = await store.driver.transact(tending.drain_opened(NOW_MS + 1000))

    assert released == 1
    assert await states(opened_store) == ["waiting"]


async def test_of_many_endpoints_each_has_its_turn_to_be_drained(
    opened_store: OpenedStore, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tending, "MOST_ENDPOINTS", 1)
    monkeypatch.setattr(tending, "DRAIN_AT_ONCE", 1)
    for number in (1, 2, 3):
        await provision(store, device(f"{number:X}"))
        await bind(store, number=number)
        await accept(store, uplink(device=number))
        await accept(store, uplink(device=number, seq_number=1), lease_until_ms=None)
    await opened_store.database.execute("UPDATE deliveries SET state = 'held', leased_by = NULL")
    await opened_store.database.execute("UPDATE endpoints SET draining = 1")
    for second in range(60):
        await store.driver.transact(tending.drain_opened(NOW_MS + 1000 * second))
    waiting = await opened_store.database.rows("SELECT endpoint_id FROM deliveries WHERE state = 'waiting'")
    assert len({row["endpoint_id"] for row in waiting}) == len(waiting) == 3


async def test_who_claims_nothing_but_what_is_held_hears_that_there_may_be_more(
    opened_store: OpenedStore, store: Store
) -> None:
    await bound_device(store)
    for number in range(3):
        await accept(store, uplink(seq_number=number), lease_until_ms=None)
    await opened_store.database.execute("UPDATE endpoints SET state = 'paused'")
    heard = [NOTHING]
    with store.notices.listening(heard.append):
        for _ in range(2):
            assert await store.claim_due(now_ms=NOW_MS, lease_until_ms=LEASE_UNTIL_MS, limit=2) == []
        await store.ping()
    assert [notice.work for notice in heard if notice.devices] == [True, False]
    assert await states(opened_store) == ["held"] * 3


async def test_an_endpoint_is_not_looked_after_for_ever(opened_store: OpenedStore, store: Store) -> None:
    endpoint = (await bound_device(store)).endpoint.id
    await store.driver.transact(tending.resume(endpoint))
    for now_ms in (NOW_MS, NOW_MS + tending.LATE_MS - 1):
        await store.driver.transact(tending.drain_opened(now_ms))
        assert [row["draining"] for row in await opened_store.rows("endpoints")] == [1]
    await store.driver.transact(tending.drain_opened(NOW_MS + tending.LATE_MS))

    assert [row["draining"] for row in await opened_store.rows("endpoints")] == [0]
