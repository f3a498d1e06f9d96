"""Old callbacks and attempts are let go, and nothing young with them."""

from relay.store.forgetting import Limits, forget_details
from tests.store.conftest import OpenedStore
from tests.store.given import NOW_MS, accept, bound_device, settle, settlement, uplink


async def test_callbacks_and_attempts_go_when_they_are_old(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    for number, age_ms in enumerate((2000, 1000, 0)):
        accepted = await accept(opened_store.store, uplink(seq_number=number), received_at_ms=NOW_MS - age_ms)
        await settle(opened_store.store, settlement(accepted.deliveries[0]))
    callbacks = len(await opened_store.rows("callbacks"))
    limits = Limits(messages_before_ms=NOW_MS - 500, attempts_before_ms=NOW_MS, unclaimed_before_ms=0)
    assert await opened_store.driver.transact(forget_details(limits)) == 2
    assert len(await opened_store.rows("callbacks")) == callbacks - 2
    assert len(await opened_store.rows("attempts", "delivery_id")) == 3
    later = Limits(messages_before_ms=0, attempts_before_ms=NOW_MS + 1, unclaimed_before_ms=0)
    assert await opened_store.driver.transact(forget_details(later)) == 3
    assert await opened_store.rows("attempts", "delivery_id") == []
    assert await opened_store.driver.transact(forget_details(later)) == 0
