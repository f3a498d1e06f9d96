"""The messages of a device in the order of the network's time, on each database."""

from dataclasses import replace

import pytest
from msgspec import structs

from relay.domain.delivery import Cause
from relay.domain.uplink import Kind
from relay.domain.verdict import Dead, Delivered
from relay.store import messages as module
from relay.store.device_facts import read_device_facts
from relay.store.message_filter import NEWEST, MessageFilter, StatusRange
from relay.store.messages import Messages
from relay.store.one_message import read_message
from relay.store.replays import Range, ReplayedStates, Replays
from relay.store.store import Store
from tests.store.given import DEVICE, NOW, NOW_MS, accept, bound_device, settle, settlement, uplink

ALL = MessageFilter()


async def some(store: Store, count: int) -> None:
    """One message a second; each second one is about `cafe`."""
    for number in range(count):
        data = "cafe" if number % 2 else f"{number:02x}"
        await accept(store, uplink(seq_number=number, time=NOW + number, data=data))


async def test_pages_follow_each_other_in_both_directions(store: Store) -> None:
    await some(store, 7)
    await accept(store, uplink(kind=Kind.STATUS, seq_number=3, time=NOW + 3))
    await accept(store, uplink(device=DEVICE + 1, time=NOW + 3))
    messages = Messages(store.driver)
    first = await messages.older(DEVICE, ALL, NEWEST, 3)
    assert first.ended_at is not None
    second = await messages.older(DEVICE, ALL, first.ended_at, 3)
    back = await messages.newer(DEVICE, ALL, second.messages[0].place, 2)
    assert [one.seq_number for one in first.messages + second.messages] == [6, 5, 4, 3, 2, 1]
    assert [one.seq_number for one in back.messages] == [5, 4]
    assert await messages.count_newer(DEVICE, second.messages[0].place) == 3


async def test_what_is_rare_is_looked_for_window_by_window(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WINDOW", 2)
    monkeypatch.setattr(module, "MOST_WINDOWS", 2)
    await bound_device(store)
    await some(store, 9)
    messages, wanted = Messages(store.driver), MessageFilter(text="00")
    first = await messages.older(DEVICE, wanted, NEWEST, 5)
    assert first.messages == []
    assert first.ended_at is not None
    second = await messages.older(DEVICE, wanted, first.ended_at, 5)
    assert second.ended_at is not None
    third = await messages.older(DEVICE, wanted, second.ended_at, 5)
    assert [one.seq_number for one in second.messages + third.messages] == [0]
    assert third.ended_at is None


async def test_filters_are_joined(store: Store) -> None:
    await bound_device(store)
    await some(store, 6)
    failed = await accept(store, uplink(seq_number=50, time=NOW + 50, data="cafe", ack=True))
    await settle(store, settlement(failed.deliveries[0], Dead(Cause.DNS), Cause.DNS))
    messages = Messages(store.driver)
    for wanted, found in (
        (MessageFilter(text="cafe"), [50, 5, 3, 1]),
        (MessageFilter(text="cafe", since=NOW + 2, until=NOW + 5), [3]),
        (MessageFilter(state="dead"), [50]),
        (MessageFilter(state="not_sent"), []),
        (MessageFilter(downlink=True), [50]),
        (MessageFilter(says=lambda data: data in {"cafe", "04"}, state="waiting"), [5, 4, 3, 1]),
    ):
        page = await messages.older(DEVICE, wanted, NEWEST, 10)
        assert [one.seq_number for one in page.messages] == found, wanted
        if wanted.since == 0:
            page = await messages.newer(DEVICE, wanted, replace(NEWEST, time=0), 10)
            assert [one.seq_number for one in page.messages] == found, wanted


async def test_too_much_that_is_open_is_looked_for_window_by_window(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STATE_WINDOW", 3)
    await bound_device(store)
    await some(store, 8)
    page = await Messages(store.driver).older(DEVICE, MessageFilter(state="waiting"), NEWEST, 7)
    assert [one.seq_number for one in page.messages] == [7, 6, 5, 4, 3, 2, 1]
    assert page.ended_at is not None
    newer = await Messages(store.driver).newer(
        DEVICE, MessageFilter(state="waiting"), page.messages[3].place, 7
    )
    assert [one.seq_number for one in newer.messages] == [7, 6, 5]


@pytest.mark.parametrize("state_window", [1_500, 2])
async def test_deliveries_are_found_by_the_cause_and_the_status_of_the_last_attempt(
    store: Store, monkeypatch: pytest.MonkeyPatch, state_window: int
) -> None:
    monkeypatch.setattr(module, "STATE_WINDOW", state_window)  # by the index, or window by window
    await bound_device(store)
    await some(store, 1)
    ends = ((None, 204), (Cause.SERVER_ERROR, 500), (Cause.SERVER_ERROR, 503), (Cause.DNS, None))
    for number, (cause, status) in enumerate(ends, 1):
        accepted = await accept(store, uplink(seq_number=number, time=NOW + number))
        verdict = Dead(cause) if cause else Delivered()
        ended = settlement(accepted.deliveries[0], verdict, cause)
        await settle(store, structs.replace(ended, outcome=structs.replace(ended.outcome, status=status)))
    for wanted, found in (
        (MessageFilter(cause=Cause.SERVER_ERROR), [3, 2]),
        (MessageFilter(cause=Cause.SERVER_ERROR, state="held"), []),
        (MessageFilter(cause=Cause.DNS, state="dead"), [4]),
        (MessageFilter(statuses=StatusRange(first=500, last=500)), [2]),
        (MessageFilter(statuses=StatusRange(first=500, last=599), cause=Cause.DNS), []),
        (MessageFilter(statuses=StatusRange(first=200, last=299)), [1]),
    ):
        page = await Messages(store.driver).older(DEVICE, wanted, NEWEST, 10)
        assert [one.seq_number for one in page.messages] == found, wanted
        page = await Messages(store.driver).newer(DEVICE, wanted, replace(NEWEST, time=0), 10)
        assert [one.seq_number for one in page.messages] == found, wanted


async def test_one_message_comes_with_its_callback_and_attempts(store: Store) -> None:
    await bound_device(store)
    accepted = await accept(store)
    await settle(store, settlement(accepted.deliveries[0], Dead(Cause.DNS), Cause.DNS))
    whole = await store.driver.transact(read_message(DEVICE, accepted.uplink_id))
    assert whole is not None
    assert whole.callback is not None
    assert whole.callback.query == "a=1"
    assert [(log.host, len(log.attempts)) for log in whole.logs] == [("hooks.example.com", 1)]
    assert await store.driver.transact(read_message(DEVICE + 1, accepted.uplink_id)) is None


async def test_what_failed_is_counted_by_its_index(store: Store) -> None:
    await bound_device(store)
    accepted = await accept(store)
    await settle(store, settlement(accepted.deliveries[0], Dead(Cause.DNS), Cause.DNS))
    wanted = Range(device=DEVICE, states=ReplayedStates.DEAD, since_ms=0, until_ms=NOW_MS)
    assert await Replays(store.driver).count(wanted) == 1
    assert await Replays(store.driver).count(replace(wanted, states=ReplayedStates.HELD)) == 0


async def test_the_facts_of_a_device_count_what_is_open(store: Store) -> None:
    await bound_device(store)
    await accept(store, lease_until_ms=None)
    facts = await store.driver.transact(read_device_facts(DEVICE))
    assert [(each.waiting, each.held, each.next_at_ms) for each in facts.endpoints] == [(1, 0, NOW_MS)]
    assert facts.last_at_ms == NOW_MS
