"""Concurrent callbacks and outcomes share transactions; each is told of its own fate."""

import asyncio
import logging

import pytest
from msgspec.structs import replace

from relay.errors import StoreUnavailable
from relay.store import group_commit
from relay.store.records import Accepted
from tests.store.conftest import OpenedStore
from tests.store.drivers import Breaking, Counting, Gated
from tests.store.given import (
    LONG_SECONDS,
    NOW,
    accept,
    accept_at_once,
    bound_device,
    incoming,
    settlement,
    uplink,
)

POISON = [uplink(data="\ud800"), uplink(seq_number=2**63), uplink(more={}, device=-(2**70))]


async def test_200_callbacks_at_once_take_few_transactions(opened_store: OpenedStore) -> None:
    counting = Counting(opened_store.driver)
    async with opened_store.another("node-1", counting) as store:
        await accept_at_once(store, [uplink(seq_number=number) for number in range(200)])
    assert counting.transactions <= 3
    assert len(await opened_store.rows("uplinks")) == 200


async def test_callbacks_that_come_while_a_group_is_written_go_with_the_next(
    opened_store: OpenedStore,
) -> None:
    gated = Gated(opened_store.driver)
    counting = Counting(gated)
    async with opened_store.another("node-1", counting) as store, asyncio.TaskGroup() as tasks:
        tasks.create_task(accept(store))
        await gated.reached.wait()
        for number in range(100, 200):
            tasks.create_task(accept(store, uplink(seq_number=number)))
        await asyncio.sleep(0)
        gated.gate.set()
    assert counting.transactions == 3  # ids, the first one, the hundred
    assert len(await opened_store.rows("uplinks")) == 101


async def test_outcomes_ride_along_with_callbacks(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    counting = Counting(opened_store.driver)
    async with opened_store.another("node-1", counting) as store:
        answers = await accept_at_once(store, [uplink(seq_number=number) for number in range(50)])
        before = counting.transactions
        for one in answers:
            assert isinstance(one, Accepted)
            store.settle(settlement(one.deliveries[0]))
        await accept(store)
    assert counting.transactions == before + 1
    states = [row["state"] for row in await opened_store.rows("deliveries")]
    assert (states.count("delivered"), states.count("waiting")) == (50, 0)
    assert len(await opened_store.rows("attempts", "delivery_id")) == 50


async def test_ids_that_a_node_held_for_long_are_not_used(
    opened_store: OpenedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "IDS_KEPT_SECONDS", 0.0)
    async with opened_store.another("node-1") as idle, opened_store.another("node-2") as busy:
        nodes = (idle, busy, idle)
        kept = [await accept(node, uplink(seq_number=number)) for number, node in enumerate(nodes)]
    ids = [one.uplink_id for one in kept]
    assert ids == sorted(ids)


async def test_outcomes_are_written_even_if_nothing_else_comes(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    async with opened_store.another("node-1") as store:
        accepted = await accept(store)
        store.settle(settlement(accepted.deliveries[0]))
    assert [row["state"] for row in await opened_store.rows("deliveries")] == ["delivered"]


@pytest.mark.parametrize("poison", POISON)
async def test_a_row_that_the_database_cannot_hold_fails_alone(
    opened_store: OpenedStore, poison: object
) -> None:
    uplinks = [uplink(seq_number=number) for number in range(20)]
    answers = await accept_at_once(opened_store.store, [*uplinks[:10], poison, *uplinks[10:]])
    failed = [number for number, one in enumerate(answers) if not isinstance(one, Accepted)]
    assert failed == [10]
    assert len(await opened_store.rows("uplinks")) == 20
    assert not (await accept(opened_store.store, uplink(seq_number=100))).repeated


async def test_an_outcome_that_the_database_cannot_hold_fails_alone(
    opened_store: OpenedStore, caplog: pytest.LogCaptureFixture
) -> None:
    await bound_device(opened_store.store)
    async with opened_store.another("node-1") as store:
        answers = await accept_at_once(store, [uplink(seq_number=number) for number in range(3)])
        outcomes = [settlement(one.deliveries[0]) for one in answers if isinstance(one, Accepted)]
        outcomes[1] = replace(outcomes[1], outcome=replace(outcomes[1].outcome, duration_ms=2**63))
        for one in outcomes:
            store.settle(one)
    states = sorted(row["state"] for row in await opened_store.rows("deliveries"))
    assert states == ["delivered", "delivered", "waiting"]
    assert [record.getMessage() for record in caplog.records] == ["delivery.not_settled"]


async def test_too_many_waiting_are_refused_at_once(
    opened_store: OpenedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_commit, "MOST_WAITING", 3)
    gated = Gated(opened_store.driver)
    async with opened_store.another("node-1", gated) as store, asyncio.TaskGroup() as tasks:
        tasks.create_task(accept(store))
        await gated.reached.wait()
        for number in range(100, 103):
            tasks.create_task(accept(store, uplink(seq_number=number)))
        await asyncio.sleep(0)
        with pytest.raises(StoreUnavailable, match="too many"):
            await accept(store, uplink(seq_number=200))
        gated.gate.set()
    assert [row["seq_number"] for row in await opened_store.rows("uplinks")] == [7, 100, 101, 102]


async def test_a_database_that_is_too_slow_is_told_to_who_waits(opened_store: OpenedStore) -> None:
    gated = Gated(opened_store.driver)
    async with opened_store.another("node-1", gated) as store:
        with pytest.raises(StoreUnavailable, match="not durable within"):
            await store.accept(incoming(), 0.01)
        gated.gate.set()
        again = await accept(store)
    assert again.uplink_id == (await opened_store.rows("uplinks"))[0]["id"]
    assert len(await opened_store.rows("uplinks")) == 1


async def test_who_gave_up_before_its_group_began_is_left_out(opened_store: OpenedStore) -> None:
    gated = Gated(opened_store.driver)
    async with opened_store.another("node-1", gated) as store:
        first = asyncio.create_task(accept(store))
        await gated.reached.wait()
        late = asyncio.create_task(accept(store, uplink(seq_number=8)))
        await asyncio.sleep(0)
        late.cancel()
        await asyncio.sleep(0)
        gated.gate.set()
        await first
    assert [row["seq_number"] for row in await opened_store.rows("uplinks")] == [7]


async def test_a_database_that_takes_no_writes_is_told_to_all_and_heals(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    breaking = Breaking(opened_store.driver)
    async with opened_store.another("node-1", breaking) as store:
        answers = await accept_at_once(store, [uplink(seq_number=number) for number in range(5)])
        assert [type(one) for one in answers] == [StoreUnavailable] * 5
        assert await opened_store.rows("uplinks") == []
        breaking.every = 1_000_000
        assert not (await accept(store)).repeated


async def test_outcomes_wait_until_the_database_takes_them(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    breaking = Breaking(opened_store.driver, every=1_000_000)
    async with opened_store.another("node-1", breaking) as store:
        accepted = await accept(store)
        breaking.every = 1
        store.settle(settlement(accepted.deliveries[0]))
        with pytest.raises(StoreUnavailable):
            await accept(store, uplink(time=NOW + 1))
        assert breaking.broken
        breaking.every = 1_000_000
    assert [row["state"] for row in await opened_store.rows("deliveries")] == ["delivered"]


async def test_a_broken_database_does_not_keep_the_process_from_its_end(
    opened_store: OpenedStore, caplog: pytest.LogCaptureFixture
) -> None:
    await bound_device(opened_store.store)
    breaking = Breaking(opened_store.driver, every=1_000_000)
    async with opened_store.another("node-1", breaking) as store:
        accepted = await accept(store)
        breaking.every = 1
        store.settle(settlement(accepted.deliveries[0]))
    assert [row["state"] for row in await opened_store.rows("deliveries")] == ["waiting"]
    assert [(record.getMessage(), record.levelno) for record in caplog.records] == [
        ("delivery.not_settled", logging.ERROR)
    ]


async def test_a_store_that_is_closing_takes_no_more(opened_store: OpenedStore) -> None:
    async with opened_store.another("node-1") as store:
        first = asyncio.create_task(store.accept(incoming(), LONG_SECONDS))
        await asyncio.sleep(0)
    assert not (await first).repeated
    with pytest.raises(StoreUnavailable, match="closed"):
        await accept(store, uplink(seq_number=8))
