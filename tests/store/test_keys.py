"""From one secret key to the next, and from one signing secret to the next."""

import re
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay.domain.signing import public_key_text
from relay.store.driver import rows_of
from relay.store.keyring import retain_peppers, rotate_installation_key
from relay.store.resealing import START, Cursor, count_stale, reseal_batch
from relay.store.rotating import BOTH_SIGN_SECONDS, rotate_secret
from relay.store.sealed import SEALED_PLACES
from relay.store.store import Store
from relay.store.vault import CannotOpen, Vault
from tests.store.conftest import OpenedStore
from tests.store.databases import SqliteDatabase
from tests.store.given import (
    DEVICE,
    HOST,
    KEY,
    NOW_MS,
    OTHER_HOST,
    OTHER_KEY,
    OTHER_URL,
    TOKEN,
    URL,
    bind,
    bound_device,
    device,
    provision,
)

BOTH = Vault([OTHER_KEY, KEY])
NEW = Vault([OTHER_KEY])


def with_vault(store: Store, vault: Vault) -> Store:
    """The same database as another configuration opens it."""
    return replace(store, vault=vault)


async def reseal_all(store: Store, limit: int = 2) -> int:
    cursor: Cursor | None = START
    count = 0
    while cursor:
        done = await store.driver.transact(reseal_batch(cursor, limit, store.vault))
        count, cursor = count + done.count, done.next
    return count


async def public_key(store: Store) -> str:
    return public_key_text((await store.installation_keys(NOW_MS))[0])


async def three_devices(store: Store) -> None:
    await bound_device(store)
    for number in (0xB1, 0xB2):
        await provision(store, device(f"{number:X}"))
        await bind(store, number=number)
    await store.installation_keys(NOW_MS)


async def rotated(store: Store) -> Store:
    """All that was sealed by the old key, as a relay finds it that has only the new one."""
    both = with_vault(store, BOTH)
    await reseal_all(both)
    await both.driver.transact(retain_peppers(BOTH))
    return await with_vault(store, NEW).with_retained_peppers()


async def test_every_sealed_column_has_its_place(opened_store: OpenedStore) -> None:
    sealed = set()
    for table in await all_tables(opened_store):
        names = await columns_of(opened_store, table)
        sealed |= {f"{table}.{name}" for name in names if name.endswith("_sealed")}
    assert sealed == {place.name for place in SEALED_PLACES}


async def all_tables(opened_store: OpenedStore) -> set[str]:
    sql = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if not isinstance(opened_store.database, SqliteDatabase):
        sql = "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
    return {row["name"] for row in await opened_store.database.rows(sql)}


async def columns_of(opened_store: OpenedStore, table: str) -> list[str]:
    sql = f"SELECT name FROM pragma_table_info('{table}')"
    if not isinstance(opened_store.database, SqliteDatabase):
        sql = f"SELECT column_name AS name FROM information_schema.columns WHERE table_name = '{table}'"
    return [row["name"] for row in await opened_store.database.rows(sql)]


async def test_everything_opens_with_the_new_key_alone(store: Store) -> None:
    await three_devices(store)
    before = [await store.find_endpoint(await endpoint_of(store, number)) for number in (DEVICE, 0xB1, 0xB2)]
    key = await public_key(store)
    new = await rotated(store)
    after = [await new.find_endpoint(await endpoint_of(store, number)) for number in (DEVICE, 0xB1, 0xB2)]
    assert after == before
    assert await public_key(new) == key
    assert await new.driver.transact(count_stale(NEW)) == 0


async def endpoint_of(store: Store, number: int) -> int:
    rows = await store.driver.transact(rows_of("first_endpoint_of_device", device=number))
    return int(rows[0]["id"])


async def test_what_was_sealed_anew_is_left_alone(store: Store) -> None:
    await three_devices(store)
    both = with_vault(store, BOTH)
    stale = await both.driver.transact(count_stale(BOTH))
    assert stale >= 7
    assert await reseal_all(both) == stale
    assert await reseal_all(both) == 0


async def test_it_may_end_anywhere_and_begin_again(store: Store) -> None:
    await three_devices(store)
    both = with_vault(store, BOTH)
    stale = await both.driver.transact(count_stale(BOTH))
    first = await both.driver.transact(reseal_batch(START, 2, BOTH))
    assert (first.count, await both.driver.transact(count_stale(BOTH))) == (2, stale - 2)
    assert await reseal_all(both) == stale - 2


async def test_a_damaged_value_is_named_and_stays(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    await opened_store.database.execute("UPDATE endpoints SET url_sealed = secret_sealed")
    both = with_vault(opened_store.store, BOTH)
    done = await both.driver.transact(reseal_batch(START, 100, BOTH))
    assert (done.count, len(done.damaged)) == (0, 1)
    assert re.fullmatch(r"endpoints\.url:\d+", done.damaged[0])
    await reseal_all(both)
    assert await both.driver.transact(count_stale(BOTH)) == 1


async def test_tokens_are_known_without_the_old_key(store: Store) -> None:
    await three_devices(store)
    assert not await token_is_known(with_vault(store, NEW))
    assert await token_is_known(await rotated(store))


async def token_is_known(store: Store) -> bool:
    registrant = await store.find_registrant(DEVICE)
    assert registrant is not None
    return store.vault.token_matches(DEVICE, TOKEN, registrant.token_digest)


async def test_a_pepper_goes_when_no_device_needs_it(opened_store: OpenedStore) -> None:
    store = opened_store.store
    await provision(store)
    both = with_vault(store, BOTH)
    assert await both.driver.transact(retain_peppers(BOTH)) == 1
    assert [row["name"][:7] for row in await opened_store.rows("keyring", "name")] == ["pepper:"]
    digest = BOTH.token_digest(DEVICE, TOKEN)
    rows = await opened_store.rows("devices", "number")
    await store.driver.transact(
        rows_of("renew_token_digest", number=DEVICE, token_digest=rows[0]["token_digest"], renewed=digest)
    )
    assert await both.driver.transact(retain_peppers(BOTH)) == 0
    assert await opened_store.rows("keyring", "name") == []
    assert await token_is_known(with_vault(store, NEW))


async def test_without_its_key_the_keyring_says_so(store: Store) -> None:
    await store.installation_keys(NOW_MS)
    with pytest.raises(CannotOpen, match="keyring:installation"):
        await with_vault(store, NEW).with_retained_peppers()


async def test_the_installation_key_is_made_once(store: Store) -> None:
    keys = [await public_key(store) for _ in range(3)]
    assert len(set(keys)) == 1


async def test_two_secrets_for_a_day(store: Store) -> None:
    old = (await bound_device(store)).endpoint
    new = await store.driver.transact(rotate_secret(old.id, "whsec_bmV3", store.vault, NOW_MS))
    assert new is not None
    assert (new.secret, new.previous_secret) == ("whsec_bmV3", old.secret)
    assert new.previous_secret_until_ms == NOW_MS + BOTH_SIGN_SECONDS * 1000
    assert new.revision == old.revision + 1
    assert await store.find_endpoint(old.id) == new


async def test_a_new_host_learns_no_old_secret(store: Store) -> None:
    endpoint = (await bound_device(store)).endpoint
    await store.driver.transact(rotate_secret(endpoint.id, "whsec_bmV3", store.vault, NOW_MS))
    same_host = (await bind(store, f"{URL}&more", HOST)).endpoint
    assert same_host.previous_secret == endpoint.secret
    other_host = (await bind(store, OTHER_URL, OTHER_HOST)).endpoint
    kept = await store.find_endpoint(endpoint.id)
    assert kept is not None
    assert other_host.previous_secret is kept.previous_secret is None


async def test_an_endpoint_that_is_gone_has_no_secret(store: Store) -> None:
    assert await store.driver.transact(rotate_secret(77, "whsec_bmV3", store.vault, NOW_MS)) is None


async def test_a_replaced_installation_key_signs_beside_the_new_one_for_a_while(store: Store) -> None:
    old, fresh = await public_key(store), Ed25519PrivateKey.generate()
    until_ms = await store.driver.transact(rotate_installation_key(store.vault, fresh, NOW_MS))
    both = [public_key_text(key) for key in await store.installation_keys(until_ms - 1)]
    assert both == [public_key_text(fresh), old]
    assert [public_key_text(key) for key in await store.installation_keys(until_ms)] == both[:1]
    assert [public_key_text(key) for key in await store.installation_keys(NOW_MS)] == both[:1]
