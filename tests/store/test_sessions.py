"""Sessions, on each database."""

from relay.store.sessions import IDLE_MS, RENEW_AFTER_MS, Sessions, forget_sessions
from relay.store.store import Store
from tests.store.conftest import OpenedStore
from tests.store.given import DEVICE, NOW_MS, device, provision

OTHER = DEVICE + 1


async def both(store: Store) -> Sessions:
    """Two devices that exist."""
    await provision(store, device(), device(f"{OTHER:X}"))
    return Sessions(store.driver)


async def test_a_later_sign_in_keeps_earlier_devices_and_ends_the_old_token(store: Store) -> None:
    sessions = await both(store)
    first = await sessions.sign_in(DEVICE, NOW_MS)
    second = await sessions.sign_in(OTHER, NOW_MS, first)
    found = await sessions.find(second, NOW_MS)
    assert found is not None
    assert [each.number for each in found.devices] == [DEVICE, OTHER]
    assert await sessions.find(first, NOW_MS) is None


async def test_a_session_is_renewed_now_and_then_and_ends(store: Store) -> None:
    sessions = await both(store)
    token = await sessions.sign_in(DEVICE, NOW_MS)
    at_once = await sessions.find(token, NOW_MS + 1)
    later = await sessions.find(token, NOW_MS + RENEW_AFTER_MS)
    assert at_once is not None
    assert later is not None
    assert (at_once.renewed, later.renewed) == (False, True)
    assert later.expires_at_ms == NOW_MS + RENEW_AFTER_MS + IDLE_MS
    assert await sessions.find(token, later.expires_at_ms) is None


async def test_all_sessions_of_a_device_end_together(store: Store) -> None:
    sessions = await both(store)
    here, there = await sessions.sign_in(DEVICE, NOW_MS), await sessions.sign_in(DEVICE, NOW_MS)
    other = await sessions.sign_in(OTHER, NOW_MS)
    await sessions.sign_out_everywhere(DEVICE)
    assert await sessions.find(here, NOW_MS) is None
    assert await sessions.find(there, NOW_MS) is None
    assert await sessions.find(other, NOW_MS) is not None


async def test_what_is_over_is_forgotten_and_nothing_holds_the_token(opened_store: OpenedStore) -> None:
    sessions = await both(opened_store.store)
    token = await sessions.sign_in(DEVICE, NOW_MS)
    kept = await opened_store.rows("sessions", "digest")
    assert token.encode() not in [row["digest"] for row in kept]
    await opened_store.store.driver.transact(forget_sessions(NOW_MS + IDLE_MS))
    assert await opened_store.rows("sessions", "digest") == []
    assert await opened_store.rows("session_devices", "digest") == []
