"""How operators put devices into the store."""

from relay.store.provisioning import Change, Provisioned, WantedDevice
from relay.store.store import Store
from tests.store.conftest import OpenedStore
from tests.store.given import (
    DEVICE,
    EMAIL,
    HOST,
    NOW_MS,
    OTHER_HOST,
    OTHER_URL,
    TOKEN,
    URL,
    bind,
    device,
    provision,
)

WITH_URL = {"webhook_url": URL, "webhook_host": HOST}


async def provisioned(store: Store, *devices: WantedDevice) -> list[Provisioned]:
    """What provisioning says of each device."""
    return await store.provision(devices, language="en", now_ms=NOW_MS)


async def matches(store: Store, token: str, number: int = DEVICE) -> bool:
    """Does this token prove the owner?"""
    registrant = await store.find_registrant(number)
    return registrant is not None and store.vault.token_matches(number, token, registrant.token_digest)


async def test_a_device_is_added(store: Store) -> None:
    (done,) = await provisioned(store, device())
    assert (done.label, done.change, done.made_token) == ("1A2B3C", Change.ADDED, "")
    added = await store.find_device(DEVICE)
    assert added is not None
    assert (added.label, added.order_email, added.contact_email) == ("1A2B3C", EMAIL, "")
    assert (added.language, added.created_at_ms) == ("en", NOW_MS)
    assert await matches(store, TOKEN)


async def test_a_device_that_nobody_added_is_not_there(store: Store) -> None:
    assert await store.find_registrant(DEVICE) is None
    assert await store.find_device(DEVICE) is None


async def test_the_same_again_changes_nothing(opened_store: OpenedStore) -> None:
    wanted = [device(**WITH_URL), device("FF", token="", order_email="")]
    await provisioned(opened_store.store, *wanted)
    tables = [await opened_store.rows("devices", "number"), await opened_store.rows("endpoints")]
    again = await provisioned(opened_store.store, *wanted)
    assert [(one.change, one.made_token) for one in again] == [(Change.SAME, "")] * 2
    assert [await opened_store.rows("devices", "number"), await opened_store.rows("endpoints")] == tables


async def test_another_token_replaces_the_old_one(store: Store) -> None:
    await provisioned(store, device())
    (done,) = await provisioned(store, device(token="another"))
    assert done.change is Change.CHANGED
    assert await matches(store, "another")
    assert not await matches(store, TOKEN)


async def test_another_email_changes_the_device_and_leaves_its_token(store: Store) -> None:
    await provisioned(store, device())
    (done,) = await provisioned(store, device(token="", order_email="new@example.com"))
    assert (done.change, done.made_token) == (Change.CHANGED, "")
    changed = await store.find_device(DEVICE)
    assert changed is not None
    assert changed.order_email == "new@example.com"
    assert await matches(store, TOKEN)


async def test_another_spelling_is_the_same_device(store: Store) -> None:
    await provisioned(store, device("A0"))
    (done,) = await provisioned(store, device("00A0"))
    assert done.change is Change.CHANGED
    assert [one.device.label for one in await store.list_devices()] == ["00A0"]


async def test_a_missing_token_is_made_and_works(store: Store) -> None:
    done = await provisioned(store, device("1", token=""), device("2", token=""))
    tokens = [one.made_token for one in done]
    assert len(set(tokens)) == 2
    assert all(len(token) == 16 for token in tokens)
    assert await matches(store, tokens[0], 1)
    assert await matches(store, tokens[1], 2)
    assert not await matches(store, tokens[0], 2)


async def test_tokens_are_not_kept_readable(opened_store: OpenedStore) -> None:
    (done,) = await provisioned(opened_store.store, device("FF", token=""))
    await provisioned(opened_store.store, device())
    kept = await opened_store.database.everything()
    assert b"owner@example.com" in kept
    assert done.made_token.encode() not in kept
    assert TOKEN.encode() not in kept


async def test_a_device_twice_in_one_list_keeps_the_token_that_was_made(store: Store) -> None:
    done = await provisioned(store, device("A0", token=""), device("A0", token=""))
    assert [one.change for one in done] == [Change.ADDED, Change.SAME]
    assert await matches(store, done[0].made_token, 0xA0)


async def test_a_webhook_url_registers_the_endpoint_at_once(opened_store: OpenedStore) -> None:
    await provisioned(opened_store.store, device(**WITH_URL))
    (row,) = await opened_store.rows("endpoints")
    endpoint = await opened_store.store.find_endpoint(row["id"])
    assert endpoint is not None
    assert (endpoint.device, endpoint.url) == (DEVICE, URL)
    contact = await opened_store.store.find_device(DEVICE)
    assert contact is not None
    assert contact.contact_email == EMAIL
    assert [one.host for one in await opened_store.store.list_devices()] == [HOST]


async def test_another_webhook_url_alone_is_a_change(store: Store) -> None:
    await provisioned(store, device(**WITH_URL))
    (done,) = await provisioned(store, device(webhook_url=OTHER_URL, webhook_host=OTHER_HOST))
    assert done.change is Change.CHANGED


async def test_without_a_webhook_url_the_endpoint_stays(opened_store: OpenedStore) -> None:
    await provisioned(opened_store.store, device(**WITH_URL))
    before = await opened_store.rows("endpoints")
    await provisioned(opened_store.store, device(token="another"))
    assert await opened_store.rows("endpoints") == before


async def test_an_import_leaves_the_owners_own_address_and_language(store: Store) -> None:
    await provision(store, device(order_email=""))
    await store.bind_endpoint(
        device=DEVICE, url=URL, host=HOST, email="me@example.com", language="cs", now_ms=NOW_MS
    )
    await provision(store, device(**WITH_URL), language="en")
    owner = await store.find_device(DEVICE)
    assert owner is not None
    assert (owner.order_email, owner.contact_email, owner.language) == (EMAIL, "me@example.com", "cs")


async def test_devices_are_listed_in_pages_by_number(store: Store) -> None:
    await provision(store, *(device(label) for label in ("FF", "1", "A0", "FFFFFFFF", "0")))
    await bind(store, number=0xA0)
    first = await store.list_devices(limit=3)
    rest = await store.list_devices(after=first[-1].device.number, limit=3)
    assert [one.device.label for one in first + rest] == ["0", "1", "A0", "FF", "FFFFFFFF"]
    assert [one.host for one in first] == [None, None, HOST]
