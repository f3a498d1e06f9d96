"""How deliveries are claimed, settled and given back, by one node or by several."""

import asyncio

import pytest
from msgspec.structs import replace

from relay.domain.delivery import Cause, Delivery
from relay.domain.verdict import Dead, Delivered, DueAgain, Held, Verdict
from relay.store.store import Store
from tests.store.conftest import OpenedStore
from tests.store.given import (
    LEASE_UNTIL_MS,
    NOW_MS,
    accept,
    bound_device,
    settle,
    settlement,
    waiting_deliveries,
)


async def claim(store: Store, now_ms: int = NOW_MS, limit: int = 100) -> list[Delivery]:
    """What is due, for a minute."""
    return await store.claim_due(now_ms=now_ms, lease_until_ms=now_ms + 60_000, limit=limit)


async def claim_lost(store: Store, now_ms: int = LEASE_UNTIL_MS) -> list[Delivery]:
    """What a claim finds to have been lost with its lease is not what it leases: that is claimed apart."""
    assert await claim(store, now_ms) == []
    return await store.claim_suspects(
        now_ms=now_ms, lease_until_ms=now_ms + 60_000, crashes=(1, 1), limit=100
    )


async def test_a_claim_leases_and_counts_the_attempt(opened_store: OpenedStore) -> None:
    await waiting_deliveries(opened_store.store, [NOW_MS])
    (delivery,) = await claim(opened_store.store)
    assert (delivery.attempt, delivery.tries, delivery.lease_until_ms) == (1, 1, NOW_MS + 60_000)
    assert (delivery.device_label, delivery.data, delivery.rssi, delivery.snr) == (
        "1A2B3C",
        "00ff",
        -120,
        9.5,
    )
    (row,) = await opened_store.rows("deliveries")
    assert (row["state"], row["leased_by"], row["attempts"]) == ("waiting", "node-1", 1)
    assert await claim(opened_store.store, NOW_MS + 59_999) == []


async def test_what_is_claimed_equals_what_was_leased_at_once(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    (leased,) = (await accept(opened_store.store)).deliveries
    await opened_store.store.give_back([leased], NOW_MS)
    (claimed,) = await claim(opened_store.store)
    assert claimed == replace(leased, lease_until_ms=NOW_MS + 60_000)


async def test_an_attempt_that_never_ended_is_counted_when_its_lease_runs_out(
    opened_store: OpenedStore,
) -> None:
    await bound_device(opened_store.store)
    await accept(opened_store.store)
    assert await claim(opened_store.store, LEASE_UNTIL_MS - 1) == []
    (delivery,) = await claim_lost(opened_store.store)
    assert (delivery.attempt, delivery.tries, delivery.crashes) == (2, 2, 1)


async def test_two_nodes_never_claim_the_same(opened_store: OpenedStore) -> None:
    await waiting_deliveries(opened_store.store, [NOW_MS] * 40)
    async with opened_store.another("node-2") as other:
        nodes = [opened_store.store, other] * 5
        claims = await asyncio.gather(*(claim(node, limit=4) for node in nodes))
    claimed = [delivery.id for one in claims for delivery in one]
    assert len(claimed) == len(set(claimed)) == 40
    holders = [row["leased_by"] for row in await opened_store.rows("deliveries")]
    assert {holders.count("node-1"), holders.count("node-2")} == {20}


async def test_what_is_due_first_is_claimed_first_and_not_more_than_asked(opened_store: OpenedStore) -> None:
    due = [NOW_MS + offset for offset in (-1, -500, 1, -20_000, 0, -3)]
    await waiting_deliveries(opened_store.store, due)
    claims = [await claim(opened_store.store, limit=2) for _ in range(4)]
    received = [sorted(delivery.received_at_ms - NOW_MS for delivery in one) for one in claims]
    assert received == [[-20_000, -500], [-3, -1], [0], []]


@pytest.mark.parametrize(
    ("verdict", "cause", "expected"),
    [
        (Delivered(), None, ("delivered", None, NOW_MS + 85)),
        (DueAgain(NOW_MS + 5000), Cause.DNS, ("waiting", "dns", None)),
        (Held(Cause.REFUSED), Cause.REFUSED, ("held", "refused", NOW_MS + 85)),
        (Dead(Cause.CRASHED), Cause.RESET, ("dead", "crashed", NOW_MS + 85)),
    ],
)
async def test_a_verdict_becomes_the_state(
    opened_store: OpenedStore, verdict: Verdict, cause: Cause | None, expected: tuple[object, ...]
) -> None:
    await bound_device(opened_store.store)
    (delivery,) = (await accept(opened_store.store)).deliveries
    await settle(opened_store.store, settlement(delivery, verdict, cause))
    (row,) = await opened_store.rows("deliveries")
    assert (row["state"], row["cause"], row["settled_at_ms"]) == expected
    assert row["leased_by"] is None
    (attempt,) = await opened_store.rows("attempts", "number")
    assert (attempt["number"], attempt["cause"], attempt["duration_ms"]) == (1, cause, 85)
    assert (attempt["status"], attempt["answer"]) == (204 if cause is None else None, "ok")


@pytest.mark.parametrize("verdict", [DueAgain(NOW_MS + 5000), Held(Cause.DNS)])
async def test_at_a_closed_endpoint_a_failed_delivery_is_held(
    opened_store: OpenedStore, verdict: Verdict
) -> None:
    await bound_device(opened_store.store)
    (delivery,) = (await accept(opened_store.store)).deliveries
    await opened_store.database.execute("UPDATE endpoints SET state = 'paused'")
    await settle(opened_store.store, settlement(delivery, verdict, Cause.DNS))
    (row,) = await opened_store.rows("deliveries")
    assert (row["state"], row["cause"], row["leased_by"]) == ("held", "dns", None)


async def test_what_is_due_again_is_claimed_then_and_no_sooner(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    (delivery,) = (await accept(opened_store.store)).deliveries
    await settle(opened_store.store, settlement(delivery, DueAgain(NOW_MS + 5000), Cause.DNS))
    assert await claim(opened_store.store, NOW_MS + 4999) == []
    (again,) = await claim(opened_store.store, NOW_MS + 5000)
    assert (again.id, again.webhook_id, again.attempt) == (delivery.id, delivery.webhook_id, 2)


@pytest.mark.parametrize("verdict", [Delivered(), Held(Cause.DNS), Dead(Cause.DNS)])
async def test_what_is_settled_for_good_is_not_claimed(opened_store: OpenedStore, verdict: Verdict) -> None:
    await bound_device(opened_store.store)
    (delivery,) = (await accept(opened_store.store)).deliveries
    await settle(opened_store.store, settlement(delivery, verdict))
    assert await claim(opened_store.store, NOW_MS + 10**9) == []


async def test_a_late_node_changes_nothing_but_its_attempt_is_kept(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    (late,) = (await accept(opened_store.store)).deliveries
    async with opened_store.another("node-2") as other:
        (taken,) = await claim_lost(other)
        before = await opened_store.rows("deliveries")
        await settle(opened_store.store, settlement(late, Held(Cause.DNS), Cause.DNS))
        assert await opened_store.rows("deliveries") == before
        await settle(other, settlement(taken))
    assert [row["state"] for row in await opened_store.rows("deliveries")] == ["delivered"]
    attempts = await opened_store.rows("attempts", "number")
    assert [(row["number"], row["cause"]) for row in attempts] == [(1, "dns"), (2, None)]


async def test_a_late_attempt_of_the_same_node_changes_nothing_either(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    (late,) = (await accept(opened_store.store)).deliveries
    await claim_lost(opened_store.store)
    await settle(opened_store.store, settlement(late, Held(Cause.DNS), Cause.DNS))
    (row,) = await opened_store.rows("deliveries")
    assert (row["state"], row["leased_by"], row["cause"]) == ("waiting", "node-1", None)


async def test_another_node_cannot_settle_or_give_back_what_it_does_not_hold(
    opened_store: OpenedStore,
) -> None:
    await bound_device(opened_store.store)
    (delivery,) = (await accept(opened_store.store)).deliveries
    before = await opened_store.rows("deliveries")
    async with opened_store.another("node-2") as other:
        await settle(other, settlement(delivery))
        await other.give_back([delivery], NOW_MS)
    assert await opened_store.rows("deliveries") == before


async def test_the_first_verdict_on_an_attempt_stands(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    (delivery,) = (await accept(opened_store.store)).deliveries
    await settle(
        opened_store.store, settlement(delivery), settlement(delivery, Dead(Cause.DNS), cause=Cause.DNS)
    )
    assert [row["state"] for row in await opened_store.rows("deliveries")] == ["delivered"]
    assert [row["cause"] for row in await opened_store.rows("attempts", "number")] == [None]


async def test_what_is_given_back_is_due_at_once_and_its_attempt_is_not_counted(
    opened_store: OpenedStore,
) -> None:
    await bound_device(opened_store.store)
    (delivery,) = (await accept(opened_store.store)).deliveries
    await opened_store.store.give_back([delivery], NOW_MS + 1)
    (row,) = await opened_store.rows("deliveries")
    assert (row["attempts"], row["tries"], row["leased_by"], row["due_at_ms"]) == (0, 0, None, NOW_MS + 1)
    (again,) = await claim(opened_store.store, NOW_MS + 1)
    assert (again.attempt, again.tries) == (1, 1)


async def test_what_is_settled_cannot_be_given_back(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    (delivery,) = (await accept(opened_store.store)).deliveries
    await settle(opened_store.store, settlement(delivery, DueAgain(NOW_MS + 5000), Cause.DNS))
    before = await opened_store.rows("deliveries")
    await opened_store.store.give_back([delivery], NOW_MS)
    assert await opened_store.rows("deliveries") == before


async def test_leases_of_a_dead_process_are_freed_and_stay_counted(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    (delivery,) = (await accept(opened_store.store)).deliveries
    async with opened_store.another("node-2") as restarted:
        await restarted.free_leases(NOW_MS + 1)
        (again,) = await restarted.claim_suspects(
            now_ms=NOW_MS + 1, lease_until_ms=LEASE_UNTIL_MS, crashes=(1, 1), limit=10
        )
    assert (again.id, again.attempt, again.crashes) == (delivery.id, 2, 1)


async def test_freeing_leases_leaves_the_rest_as_it_is(opened_store: OpenedStore) -> None:
    await waiting_deliveries(opened_store.store, [NOW_MS, NOW_MS + 90_000])
    (delivery,) = await claim(opened_store.store)
    await settle(opened_store.store, settlement(delivery))
    before = await opened_store.rows("deliveries")
    await opened_store.store.free_leases(NOW_MS + 5)
    assert await opened_store.rows("deliveries") == before


async def test_a_message_goes_to_the_url_that_is_bound_when_it_is_claimed(opened_store: OpenedStore) -> None:
    await waiting_deliveries(opened_store.store, [NOW_MS])
    await opened_store.store.bind_endpoint(
        device=0x1A2B3C, url="https://b.example/", host="b.example", email="", language="en", now_ms=NOW_MS
    )
    (delivery,) = await claim(opened_store.store)
    assert delivery.endpoint.revision == 2
    url = opened_store.store.vault.open(delivery.endpoint.url_sealed, f"endpoints.url:{delivery.endpoint.id}")
    assert url == "https://b.example/"
