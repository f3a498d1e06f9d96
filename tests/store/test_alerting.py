"""Owners are mailed what happened to their devices, gathered, and only what they want to know."""

from collections.abc import AsyncIterator, Sequence

import pytest

from relay.domain.device import NO_DEVICE
from relay.domain.device_event import DeviceEventKind, make_event
from relay.domain.letter import Happened
from relay.store.alerting import MOST_TOLD, alert
from relay.store.device_states import write_events
from relay.store.driver import Driver
from relay.store.mailing import Mail, Mailbox
from relay.store.outbox import Fate
from relay.store.store import Store, open_store
from relay.store.tallying import tally
from tests.store.conftest import OpenedStore
from tests.store.drivers import Lent
from tests.store.given import DEVICE, EMAIL, NOW_MS, VAULT, accept, bind, provision

HOUR_MS = 3_600_000
FACTS = {
    DeviceEventKind.SILENT: {"last_at_ms": NOW_MS, "after_seconds": 3600},
    DeviceEventKind.BACK: {"silent_seconds": 7200},
    DeviceEventKind.SEQUENCE_BREAK: {"missed": 2, "first": 5},
    DeviceEventKind.BATTERY_LOW: {"volts": 2.4, "best_volts": 3.2},
}
SILENT, BACK, BREAK = DeviceEventKind.SILENT, DeviceEventKind.BACK, DeviceEventKind.SEQUENCE_BREAK


@pytest.fixture
async def store(opened_store: OpenedStore) -> AsyncIterator[Store]:
    """One that has a mail server, and a device that was heard; the mail about its registration is read."""
    async with open_store(Lent(opened_store.driver), VAULT, "node-1", mails=True) as store:
        await provision(store)
        await bind(store)
        await accept(store)
        await store.driver.transact(tally(NOW_MS))
        await mails(store, NOW_MS)
        yield store


async def mails(store: Store, now_ms: int) -> Sequence[Mail]:
    """Those that nobody got yet."""
    mailbox = Mailbox(driver=store.driver, vault=store.vault)
    return await mailbox.claim(now_ms=now_ms, lease_until_ms=now_ms + 9999 * HOUR_MS, limit=50)


async def happen(driver: Driver, *kinds: DeviceEventKind, now_ms: int = NOW_MS, device: int = DEVICE) -> None:
    events = [make_event(kind, now_ms, FACTS.get(kind, {})) for kind in kinds]
    await driver.transact(write_events(device, events, now_ms))


async def told(store: Store, now_ms: int) -> list[list[str]]:
    """The kinds in each new mail; the second sweep must find nothing more to tell."""
    for _ in range(2):
        await store.driver.transact(alert(store.outbox, now_ms))
    occasions = [mail.contents.occasion for mail in await mails(store, now_ms) if mail.contents]
    return [[event.kind for event in one.events] for one in occasions if isinstance(one, Happened)]


async def test_what_happens_within_an_hour_is_one_letter(store: Store) -> None:
    await happen(store.driver, SILENT)
    assert await told(store, NOW_MS) == [[SILENT]]
    await happen(store.driver, BACK, now_ms=NOW_MS + 1000)
    await happen(store.driver, SILENT, now_ms=NOW_MS + 2000)
    assert await told(store, NOW_MS + HOUR_MS - 1) == []
    assert await told(store, NOW_MS + HOUR_MS) == [[BACK, SILENT]]
    assert await told(store, NOW_MS + 3 * HOUR_MS) == []


@pytest.mark.parametrize(
    ("of_device", "of_type", "expected"),
    [
        ("", "", [[SILENT]]),
        ("sequence_break", "", [[BREAK]]),
        ("", "sequence_break, silent", [[BREAK, SILENT]]),
        ("silent", "sequence_break", [[SILENT]]),
        ("none", "silent", []),
        ("from a newer version", "", [[SILENT]]),
    ],
)
async def test_only_what_is_wanted_is_mailed(
    opened_store: OpenedStore, store: Store, of_device: str, of_type: str, expected: list[list[str]]
) -> None:
    await opened_store.database.execute(
        f"INSERT INTO device_types (id, name, alerts, created_at_ms) VALUES (5, 'meters', '{of_type}', 0)"
    )
    await opened_store.database.execute(f"UPDATE devices SET type_id = 5, alerts = '{of_device}'")
    await happen(store.driver, BREAK, SILENT)
    assert await told(store, NOW_MS) == expected
    assert {row["mailed"] for row in await opened_store.rows("device_events")} == {1}


@pytest.mark.parametrize(
    ("of_device", "of_type", "window_hours"), [(None, None, 1), (None, 5, 5), (2, 5, 2), (24, None, 24)]
)
async def test_the_time_in_which_there_is_one_letter_can_be_set(
    opened_store: OpenedStore,
    store: Store,
    of_device: int | None,
    of_type: int | None,
    window_hours: int,
) -> None:
    if of_type:
        await opened_store.database.execute(
            "INSERT INTO device_types (id, name, alert_window_seconds, created_at_ms) "
            f"VALUES (5, 'meters', {of_type * 3600}, 0)"
        )
    window = "NULL" if of_device is None else of_device * 3600
    await opened_store.database.execute(f"UPDATE devices SET type_id = 5, alert_window_seconds = {window}")
    await happen(store.driver, SILENT)
    await store.driver.transact(alert(store.outbox, NOW_MS))
    (first,) = await mails(store, NOW_MS)
    assert first.contents is not None
    assert isinstance(first.contents.occasion, Happened)
    assert first.contents.occasion.window_seconds == window_hours * 3600
    await happen(store.driver, BACK)
    assert await told(store, NOW_MS + window_hours * HOUR_MS - 1) == []
    assert await told(store, NOW_MS + window_hours * HOUR_MS) == [[BACK]]


@pytest.mark.parametrize(
    ("of_device", "of_type", "expected"),
    [
        ("", "", EMAIL),
        ("a@example.org", "b@example.org", "a@example.org"),
        ("", "b@example.org", "b@example.org"),
    ],
)
async def test_alerts_may_go_to_another_address(
    opened_store: OpenedStore, store: Store, of_device: str, of_type: str, expected: str
) -> None:
    await opened_store.database.execute(
        "INSERT INTO device_types (id, name, alert_email, created_at_ms) "
        f"VALUES (5, 'meters', '{of_type}', 0)"
    )
    await opened_store.database.execute(f"UPDATE devices SET type_id = 5, alert_email = '{of_device}'")
    await happen(store.driver, SILENT)
    await store.driver.transact(alert(store.outbox, NOW_MS))
    assert [mail.recipient for mail in await mails(store, NOW_MS)] == [expected]


async def test_alerts_go_to_the_address_of_the_order_until_the_owner_gives_another(
    opened_store: OpenedStore, store: Store
) -> None:
    await opened_store.database.execute(
        "UPDATE devices SET contact_email = '', order_email = 'order@example.org'"
    )
    await happen(store.driver, SILENT)
    await store.driver.transact(alert(store.outbox, NOW_MS))
    assert [mail.recipient for mail in await mails(store, NOW_MS)] == ["order@example.org"]


async def test_nobody_is_told_of_devices_that_nobody_has(opened_store: OpenedStore, store: Store) -> None:
    await happen(store.driver, SILENT, device=0xABC)
    await happen(store.driver, DeviceEventKind.NETWORK_EVENT, device=NO_DEVICE)
    assert await store.driver.transact(alert(store.outbox, NOW_MS)) == []
    assert {row["mailed"] for row in await opened_store.rows("device_events")} == {1}


async def test_beyond_the_mails_of_an_hour_it_waits_for_the_next(
    opened_store: OpenedStore, store: Store
) -> None:
    for turn in range(4):  # the registration was the first one
        await happen(store.driver, SILENT)
        await store.driver.transact(alert(store.outbox, NOW_MS + turn))
        await opened_store.database.execute("UPDATE device_states SET alerted_at_ms = 0")
    await happen(store.driver, BACK)
    (posted,) = await store.driver.transact(alert(store.outbox, NOW_MS + 10))
    assert posted.fate is Fate.LIMITED
    assert len(await mails(store, NOW_MS + 10)) == 4
    assert await told(store, NOW_MS + 10 + HOUR_MS) == [[BACK]]


async def test_a_flood_of_events_is_one_letter_of_bounded_length(store: Store) -> None:
    await happen(store.driver, *[SILENT, BACK] * 20)
    await store.driver.transact(alert(store.outbox, NOW_MS))
    (mail,) = await mails(store, NOW_MS)
    assert mail.contents is not None
    assert isinstance(mail.contents.occasion, Happened)
    assert (len(mail.contents.occasion.events), mail.contents.occasion.more) == (MOST_TOLD, 40 - MOST_TOLD)
