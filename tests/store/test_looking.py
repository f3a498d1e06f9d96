"""Reading messages back, with what became of them."""

from relay.domain.delivery import Cause, DeliveryState
from relay.domain.device import NO_DEVICE
from relay.domain.uplink import Kind
from relay.domain.verdict import DueAgain
from relay.store.store import Store
from tests.store.given import (
    COURSE,
    DEVICE,
    NOW_MS,
    accept,
    bound_device,
    settle,
    settlement,
    uplink,
)


async def test_a_message_is_read_back_with_its_deliveries_and_attempts(store: Store) -> None:
    await bound_device(store)
    accepted = await accept(store)
    await accept(store)
    (delivery,) = accepted.deliveries
    await settle(store, settlement(delivery, DueAgain(NOW_MS + 5000), Cause.DNS))
    (kept,) = await store.uplinks_of_device(DEVICE)
    assert (kept.id, kept.uplink, kept.received_at_ms) == (accepted.uplink_id, uplink(), NOW_MS)
    assert (kept.repeats, kept.unclaimed, kept.downlink) == (1, False, "")
    (promise,) = kept.deliveries
    assert (promise.id, promise.webhook_id) == (delivery.id, delivery.webhook_id)
    assert (promise.state, promise.cause, promise.leased) == (DeliveryState.WAITING, "dns", False)
    assert (promise.attempt_count, promise.due_at_ms) == (1, NOW_MS + 5000)
    (attempt,) = promise.attempts
    assert (attempt.number, attempt.cause, attempt.status, attempt.answer) == (1, "dns", None, "ok")
    assert attempt.course == COURSE


async def test_messages_come_newest_first_in_pages(store: Store) -> None:
    ids = [(await accept(store, uplink(seq_number=number))).uplink_id for number in range(5)]
    await accept(store, uplink(device=DEVICE + 1))
    first = await store.uplinks_of_device(DEVICE, limit=3)
    rest = await store.uplinks_of_device(DEVICE, before=first[-1].id, limit=3)
    assert [kept.id for kept in first + rest] == ids[::-1]


async def test_a_message_of_no_device_is_read_back(store: Store) -> None:
    event = uplink(kind=Kind.EVENT, device=NO_DEVICE, device_text="")
    await accept(store, event)
    (kept,) = await store.uplinks_of_device(NO_DEVICE)
    assert kept.uplink == event


async def test_a_device_without_messages_has_none(store: Store) -> None:
    assert await store.uplinks_of_device(DEVICE) == []


async def test_a_store_that_works_answers(store: Store) -> None:
    await store.ping()
