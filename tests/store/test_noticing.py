"""What happened to a device goes to the endpoints that ask for it, like any other delivery, once."""

import asyncio
import json

import pytest

from relay.domain.device_event import DeviceEventKind, make_event
from relay.store.device_states import write_events
from relay.store.noticing import give_notice
from relay.store.store import Store, new_webhook_id
from relay.store.tallying import tally
from tests.store.conftest import OpenedStore
from tests.store.given import DEVICE, LABEL, LEASE_UNTIL_MS, NOW, NOW_MS, bound_device

EVENTS = [
    make_event(DeviceEventKind.SILENT, NOW_MS, {"last_at_ms": NOW_MS - 1, "after_seconds": 3600}),
    make_event(DeviceEventKind.SEQUENCE_BREAK, NOW_MS, {"missed": 2, "first": 5}),
    make_event(DeviceEventKind.NETWORK_ERROR, NOW_MS, {"info": "its own callback tells this one"}),
]


async def notice(store: Store) -> int:
    return await store.driver.transact(give_notice(store.node, new_webhook_id, NOW_MS))


@pytest.mark.parametrize(
    ("kinds", "told"),
    [("data", []), ("data,silent", ["silent"]), ("silent,sequence", ["sequence", "silent"])],
)
async def test_an_endpoint_gets_the_kinds_that_it_asks_for_once(
    opened_store: OpenedStore, store: Store, kinds: str, told: list[str]
) -> None:
    await bound_device(store)
    await opened_store.database.execute(f"UPDATE endpoints SET kinds = '{kinds}'")
    await store.driver.transact(write_events(DEVICE, EVENTS, NOW_MS))
    await asyncio.gather(notice(store), notice(store))
    assert await notice(store) == 0
    assert sorted(row["kind"] for row in await opened_store.rows("uplinks")) == told
    due = await store.claim_due(now_ms=NOW_MS, lease_until_ms=LEASE_UNTIL_MS, limit=9)
    assert [(one.device_label, one.time, one.data) for one in due] == [(LABEL, NOW, "")] * len(told)


async def test_a_notice_holds_the_facts_and_is_not_counted_as_a_message(
    opened_store: OpenedStore, store: Store
) -> None:
    await bound_device(store)
    await opened_store.database.execute("UPDATE endpoints SET kinds = 'silent'")
    await store.driver.transact(write_events(DEVICE, EVENTS, NOW_MS))
    await notice(store)
    (row,) = await opened_store.rows("uplinks")
    assert json.loads(row["more"]) == {"event": "silent", "last_at_ms": NOW_MS - 1, "after_seconds": 3600}
    assert await store.driver.transact(tally(NOW_MS)) == 1
    assert await opened_store.rows("device_hours", "starts_at") == []
    assert await opened_store.rows("device_states", "device") == []
