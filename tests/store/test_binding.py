"""What the form changes, and how a URL and its secret lie in the database."""

import pytest

from relay.domain.delivery import Cause
from relay.domain.signing import secret_key_bytes
from relay.domain.verdict import DueAgain
from relay.store.store import Store
from relay.store.vault import CannotOpen
from tests.store.conftest import OpenedStore
from tests.store.given import (
    DEVICE,
    EMAIL,
    HOST,
    LEASE_UNTIL_MS,
    NOW_MS,
    OTHER_HOST,
    OTHER_URL,
    URL,
    accept,
    bind,
    bound_device,
    device,
    provision,
    settle,
    settlement,
    uplink,
    waiting_deliveries,
)

LATER_MS = NOW_MS + 3_600_000


async def test_the_first_binding_makes_an_endpoint_with_a_secret(store: Store) -> None:
    binding = await bound_device(store)
    assert (binding.created, binding.changed, binding.new_secret) == (True, True, True)
    assert (binding.previous_host, binding.waiting) == (None, 0)
    assert await store.find_endpoint(binding.endpoint.id) == binding.endpoint
    assert len(secret_key_bytes(binding.endpoint.secret)) == 32
    owner = await store.find_device(DEVICE)
    assert owner is not None
    assert owner.contact_email == EMAIL


async def test_the_same_url_again_changes_nothing(opened_store: OpenedStore) -> None:
    first = await bound_device(opened_store.store)
    before = await opened_store.rows("endpoints")
    again = await bind(opened_store.store, now_ms=LATER_MS)
    assert (again.created, again.changed, again.new_secret) == (False, False, False)
    assert again.endpoint == first.endpoint
    assert await opened_store.rows("endpoints") == before


async def test_another_url_on_the_same_host_keeps_the_secret(store: Store) -> None:
    first = await bound_device(store)
    changed = await bind(store, URL + "&more=1", HOST)
    assert (changed.created, changed.changed, changed.new_secret) == (False, True, False)
    assert (changed.endpoint.url, changed.endpoint.secret) == (URL + "&more=1", first.endpoint.secret)
    assert (changed.endpoint.id, changed.endpoint.revision) == (first.endpoint.id, 2)
    assert await store.find_endpoint(first.endpoint.id) == changed.endpoint


async def test_another_host_gets_another_secret(store: Store) -> None:
    first = await bound_device(store)
    moved = await bind(store, OTHER_URL, OTHER_HOST)
    assert (moved.changed, moved.new_secret, moved.previous_host) == (True, True, HOST)
    assert moved.endpoint.secret != first.endpoint.secret
    assert await store.find_endpoint(first.endpoint.id) == moved.endpoint


async def test_a_binding_without_an_email_leaves_the_contact(store: Store) -> None:
    await bound_device(store)
    await store.bind_endpoint(device=DEVICE, url=URL, host=HOST, email="", language="cs", now_ms=NOW_MS)
    owner = await store.find_device(DEVICE)
    assert owner is not None
    assert (owner.contact_email, owner.language) == (EMAIL, "en")


async def test_an_endpoint_that_nobody_made_is_not_there(store: Store) -> None:
    assert await store.find_endpoint(1) is None


async def test_a_change_of_url_makes_waiting_deliveries_due(opened_store: OpenedStore) -> None:
    store = opened_store.store
    await bound_device(store)
    (delivery,) = (await accept(store)).deliveries
    await settle(store, settlement(delivery, DueAgain(LATER_MS + 10**6), Cause.DNS))
    await bind(store, OTHER_URL, OTHER_HOST, now_ms=LATER_MS)
    (again,) = await store.claim_due(now_ms=LATER_MS, lease_until_ms=LATER_MS + 60_000, limit=10)
    assert (again.id, again.attempt, again.endpoint.revision) == (delivery.id, 2, 2)


async def test_a_change_of_url_takes_nothing_from_who_is_sending(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    await accept(opened_store.store)
    before = await opened_store.rows("deliveries")
    await bind(opened_store.store, OTHER_URL, OTHER_HOST, now_ms=NOW_MS + 1)
    assert await opened_store.rows("deliveries") == before


async def test_a_change_of_url_leaves_other_devices_deliveries(opened_store: OpenedStore) -> None:
    await waiting_deliveries(opened_store.store, [LATER_MS])
    before = await opened_store.rows("deliveries")
    await provision(opened_store.store, device("FF"))
    await bind(opened_store.store, number=0xFF)
    await bind(opened_store.store, OTHER_URL, OTHER_HOST, number=0xFF)
    assert await opened_store.rows("deliveries") == before


async def test_messages_that_waited_are_promised_once_and_oldest_first(opened_store: OpenedStore) -> None:
    store = opened_store.store
    ids = [(await accept(store, uplink(seq_number=n), received_at_ms=NOW_MS - n)).uplink_id for n in range(3)]
    await provision(store)
    assert (await bind(store)).waiting == 3
    assert (await bind(store, OTHER_URL, OTHER_HOST)).waiting == 0
    deliveries = await opened_store.rows("deliveries")
    assert [row["uplink_id"] for row in deliveries] == ids[::-1]
    assert len({row["webhook_id"] for row in deliveries}) == 3
    assert {row["due_at_ms"] for row in deliveries} == {NOW_MS}


async def test_each_promise_has_an_id_of_its_own_whoever_made_it(opened_store: OpenedStore) -> None:
    store = opened_store.store
    await accept(store)
    await bound_device(store)
    async with opened_store.another("node-2") as other:
        for number in range(100, 103):
            await accept(store, uplink(seq_number=number))
            await accept(other, uplink(seq_number=number + 100))
    ids = [
        row["id"]
        for table in ("uplinks", "deliveries", "endpoints")
        for row in await opened_store.rows(table)
    ]
    assert len(ids) == len(set(ids)) == 15


async def test_url_and_secret_are_not_readable_in_the_database(opened_store: OpenedStore) -> None:
    binding = await bound_device(opened_store.store)
    moved = await bind(opened_store.store, OTHER_URL, OTHER_HOST)
    kept = await opened_store.database.everything()
    assert OTHER_HOST.encode() in kept
    for endpoint in (binding.endpoint, moved.endpoint):
        bare = endpoint.secret.removeprefix("whsec_")
        for text in (endpoint.url, endpoint.url.removeprefix("https://"), bare, bare[:12]):
            assert kept.count(text.encode()) == 0
        assert secret_key_bytes(endpoint.secret) not in kept


@pytest.mark.parametrize("column", ["url_sealed", "secret_sealed"])
async def test_a_sealed_value_does_not_open_in_another_row(opened_store: OpenedStore, column: str) -> None:
    first = await bound_device(opened_store.store)
    await provision(opened_store.store, device("FF"))
    second = await bind(opened_store.store, OTHER_URL, OTHER_HOST, number=0xFF)
    await opened_store.database.execute(
        f"UPDATE endpoints SET {column} = (SELECT {column} FROM endpoints WHERE id = {first.endpoint.id})"
    )
    assert await opened_store.store.find_endpoint(first.endpoint.id) is not None
    with pytest.raises(CannotOpen):
        await opened_store.store.find_endpoint(second.endpoint.id)


async def test_a_sealed_value_does_not_open_in_another_column(opened_store: OpenedStore) -> None:
    binding = await bound_device(opened_store.store)
    await opened_store.database.execute("UPDATE endpoints SET url_sealed = secret_sealed")
    with pytest.raises(CannotOpen):
        await opened_store.store.find_endpoint(binding.endpoint.id)


async def test_a_delivery_carries_its_endpoint_sealed(store: Store) -> None:
    binding = await bound_device(store)
    (delivery,) = (await accept(store, lease_until_ms=LEASE_UNTIL_MS)).deliveries
    sealed = delivery.endpoint
    assert store.vault.open(sealed.url_sealed, f"endpoints.url:{sealed.id}") == URL
    assert store.vault.open(sealed.secret_sealed, f"endpoints.secret:{sealed.id}") == binding.endpoint.secret
