"""What an owner wants forgotten is erased to the end, also over a crash, and nothing of others with it."""

from relay.store.erasing import _begin, erase_device, resume_erasing
from tests.store.conftest import OpenedStore
from tests.store.given import DEVICE, NOW_MS, accept, bound_device, settle, settlement, uplink

OTHER = 0xBEEF


async def given_messages(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    accepted = await accept(opened_store.store)
    await settle(opened_store.store, settlement(accepted.deliveries[0]))
    await accept(opened_store.store, uplink(device=OTHER, device_text="beef"))


async def left(opened_store: OpenedStore) -> dict[str, list[int]]:
    return {
        "endpoints": [row["device"] for row in await opened_store.rows("endpoints")],
        "uplinks": [row["device"] for row in await opened_store.rows("uplinks") if row["kind"] == "data"],
        "deliveries": [row["id"] for row in await opened_store.rows("deliveries")],
        "attempts": [row["delivery_id"] for row in await opened_store.rows("attempts", "delivery_id")],
    }


async def test_messages_deliveries_and_endpoints_go_and_others_stay(opened_store: OpenedStore) -> None:
    await given_messages(opened_store)
    await erase_device(opened_store.driver, DEVICE, NOW_MS)
    assert await left(opened_store) == {"endpoints": [], "uplinks": [OTHER], "deliveries": [], "attempts": []}
    device = (await opened_store.rows("devices", "number"))[0]
    assert (device["contact_email"], device["order_email"], device["label"]) == ("", "", "1A2B3C")


async def test_what_a_crash_interrupted_is_finished_and_what_came_later_stays(
    opened_store: OpenedStore,
) -> None:
    await given_messages(opened_store)
    await opened_store.driver.transact(_begin(DEVICE, NOW_MS))
    await bound_device(opened_store.store)
    await accept(opened_store.store, uplink(seq_number=8), received_at_ms=NOW_MS + 1)
    assert await resume_erasing(opened_store.driver) == 1
    remaining = await left(opened_store)
    assert (remaining["uplinks"], remaining["endpoints"]) == ([OTHER, DEVICE], [DEVICE])
    assert await resume_erasing(opened_store.driver) == 0
