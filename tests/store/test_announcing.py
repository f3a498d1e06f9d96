"""Owners are told when their endpoint fails, is suspended, and works again: each step once."""

from collections.abc import AsyncIterator

import pytest

from relay.domain.delivery import Cause
from relay.domain.endpoint import EndpointState
from relay.domain.health import HEALTHY, Health
from relay.domain.letter import LetterKind
from relay.store.announcing import announce
from relay.store.driver import Do, Steps
from relay.store.mailing import Mailbox
from relay.store.store import Store, open_store
from tests.store.conftest import OpenedStore
from tests.store.drivers import Lent
from tests.store.given import NOW_MS, VAULT, accept_at_once, bind, provision, uplink

HOUR_MS = 3_600_000


@pytest.fixture
async def store(opened_store: OpenedStore) -> AsyncIterator[Store]:
    """One that has a mail server, and a device whose registration was told long ago."""
    async with open_store(Lent(opened_store.driver), VAULT, "node-1", mails=True) as store:
        await provision(store)
        await bind(store)
        await _claim(store, NOW_MS)
        yield store


async def _claim(store: Store, now_ms: int) -> list[LetterKind]:
    mailbox = Mailbox(driver=store.driver, vault=store.vault)
    mails = await mailbox.claim(now_ms=now_ms, lease_until_ms=now_ms + 1000 * HOUR_MS, limit=50)
    return [mail.contents.occasion.kind for mail in mails if mail.contents is not None]


def _set_health(endpoint_id: int, health: Health) -> Steps[None]:
    row = {
        "id": endpoint_id,
        "state": health.state,
        "failures": health.failures,
        "failing_since_ms": health.failing_since_ms,
        "probes": 0,
        "probe_at_ms": None,
        "cause": health.cause,
        "opened": 0,
    }
    yield Do("write_health", [row])


async def _told_at(store: Store, endpoint_id: int, health: Health, now_ms: int) -> list[LetterKind]:
    await store.driver.transact(_set_health(endpoint_id, health))
    for _ in range(2):  # the second sweep finds nothing more to tell
        await store.driver.transact(announce(store.outbox, now_ms))
    return await _claim(store, now_ms)


async def test_an_owner_is_told_each_step_once(store: Store, opened_store: OpenedStore) -> None:
    (endpoint,) = await opened_store.rows("endpoints")
    failing = Health(
        state=EndpointState.FAILING, failures=10, failing_since_ms=NOW_MS, cause=Cause.SERVER_ERROR
    )
    suspended = Health(
        state=EndpointState.SUSPENDED, failures=20, failing_since_ms=NOW_MS, cause=Cause.SERVER_ERROR
    )

    moments = [
        (0.9, failing),
        (1.1, failing),
        (5, failing),
        (24.1, failing),
        (121, suspended),
        (122, HEALTHY),
    ]
    told = [
        await _told_at(store, endpoint["id"], health, NOW_MS + round(hours * HOUR_MS))
        for hours, health in [*moments, (123, HEALTHY)]
    ]

    assert told == [
        [],
        [LetterKind.FAILING_FOR_AN_HOUR],
        [],
        [LetterKind.FAILING_FOR_A_DAY],
        [LetterKind.SUSPENDED],
        [LetterKind.RECOVERED],
        [],
    ]


async def test_a_short_failure_is_never_told(store: Store, opened_store: OpenedStore) -> None:
    (endpoint,) = await opened_store.rows("endpoints")
    failing = Health(state=EndpointState.FAILING, failures=10, failing_since_ms=NOW_MS, cause=Cause.REFUSED)

    assert await _told_at(store, endpoint["id"], failing, NOW_MS + HOUR_MS // 2) == []
    assert await _told_at(store, endpoint["id"], HEALTHY, NOW_MS + HOUR_MS) == []


async def test_recovery_tells_how_many_are_late(store: Store, opened_store: OpenedStore) -> None:
    (endpoint,) = await opened_store.rows("endpoints")
    failing = Health(state=EndpointState.FAILING, failures=10, failing_since_ms=NOW_MS, cause=Cause.REFUSED)
    await _told_at(store, endpoint["id"], failing, NOW_MS + 2 * HOUR_MS)
    await accept_at_once(store, [uplink(seq_number=number) for number in range(3)])
    await store.driver.transact(_set_health(endpoint["id"], HEALTHY))

    await store.driver.transact(announce(store.outbox, NOW_MS + 3 * HOUR_MS))

    mailbox = Mailbox(driver=store.driver, vault=store.vault)
    (mail,) = await mailbox.claim(now_ms=NOW_MS + 3 * HOUR_MS, lease_until_ms=NOW_MS + 9 * HOUR_MS, limit=5)
    assert mail.contents is not None
    assert getattr(mail.contents.occasion, "late", None) == 3
