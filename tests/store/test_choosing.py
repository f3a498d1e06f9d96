"""Which downlink a message gets: the chain, the queue, the day's quota, questions, and what becomes of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from relay.domain.downlink_state import DownlinkSource, DownlinkState, NoDownlink
from relay.domain.uplink import Kind
from relay.errors import DownlinkRefused
from relay.store.acknowledging import expire_downlinks
from relay.store.choosing import Choice, Reply
from relay.store.deciding import Deciding
from relay.store.downlinks import MOST_PENDING, Downlinks, Push
from relay.store.records import Accepted
from relay.store.store import Store
from tests.store.conftest import OpenedStore
from tests.store.given import (
    DEVICE,
    NOW,
    NOW_MS,
    accept,
    accept_at_once,
    bound_device,
    settle,
    settlement,
    uplink,
)

ONE, TWO, THREE = (f"{digit}" * 16 for digit in "123")
ASKING = uplink(ack=True)
HOUR_MS, DAY_MS = 3_600_000, 86_400_000


async def set_chain(opened: OpenedStore, chain: str, template: str = "", a_day: int | None = None) -> None:
    await bound_device(opened.store)
    await opened.database.execute(
        f"UPDATE devices SET downlink_chain = '{chain}', downlink_template = '{template}'"
    )
    if a_day is not None:
        await opened.database.execute(
            "INSERT INTO device_types (id, name, downlinks_a_day, created_at_ms)"
            f" VALUES (0, 'default', {a_day}, {NOW_MS})"
        )


async def queue(store: Store, *data: str, **changes: Any) -> list[int]:
    pushes = [Push(device=DEVICE, data=one, **changes) for one in data]
    ids = [await Downlinks(store.driver).push(push, NOW_MS + at) for at, push in enumerate(pushes)]
    return [each for each in ids if each is not None]


async def listen(store: Store, seq_number: int, at_ms: int = NOW_MS) -> str | None:
    of = uplink(ack=True, seq_number=seq_number, time=at_ms // 1000)
    return (await accept(store, of, received_at_ms=at_ms)).downlink


async def tell(store: Store, info_code: int | None, at_ms: int = NOW_MS, **more: object) -> Accepted:
    """An ACKNOWLEDGE callback; its time is that of the message, as Sigfox has it."""
    told = {**({} if info_code is None else {"infoCode": info_code}), **more}
    of = uplink(kind=Kind.ACKNOWLEDGE, time=at_ms // 1000, data="", seq_number=None, more=told)
    return await accept(store, of, received_at_ms=at_ms)


async def states(opened: OpenedStore) -> list[tuple[str, str]]:
    return [(row["data"], row["state"]) for row in await opened.rows("downlinks", "created_at_ms, id")]


async def reasons(opened: OpenedStore) -> list[str]:
    return [row["downlink_reason"] for row in await opened.rows("uplinks") if row["kind"] == "data"]


async def test_a_queue_is_emptied_in_its_order_each_message_once(opened_store: OpenedStore) -> None:
    store = opened_store.store
    await set_chain(opened_store, "queue")
    await queue(store, ONE, TWO)
    got = [await listen(store, number) for number in (1, 1, 2, 1, 2, 3)]
    assert got == [ONE, ONE, TWO, ONE, TWO, None]
    assert await states(opened_store) == [(ONE, "sent"), (TWO, "sent")]
    assert await reasons(opened_store) == ["", "", "empty_queue"]
    rows = await opened_store.rows("downlinks")
    assert [(row["source"], row["tries"], row["sent_at_ms"]) for row in rows] == [("queue", 1, NOW_MS)] * 2


async def test_copies_at_once_at_two_nodes_take_one_from_the_queue(opened_store: OpenedStore) -> None:
    await set_chain(opened_store, "queue")
    await queue(opened_store.store, ONE, TWO, THREE)
    async with opened_store.another("node-2") as other:
        halves = await asyncio.gather(
            accept_at_once(opened_store.store, [ASKING] * 25), accept_at_once(other, [ASKING] * 25)
        )
    answers = [one for half in halves for one in half if isinstance(one, Accepted)]
    assert [one.downlink for one in answers] == [ONE] * 50
    assert [one.moved for one in answers if one.moved] == [(DownlinkSource.QUEUE, DownlinkState.SENT)]
    assert [state for _, state in await states(opened_store)] == ["sent", "pending", "pending"]


async def test_messages_at_once_at_two_nodes_keep_to_the_quota(opened_store: OpenedStore) -> None:
    await set_chain(opened_store, "queue,direct", template=THREE)
    await queue(opened_store.store, ONE, TWO)
    asking = [uplink(ack=True, seq_number=number) for number in range(20)]
    async with opened_store.another("node-2") as other:
        halves = await asyncio.gather(
            accept_at_once(opened_store.store, asking[::2]), accept_at_once(other, asking[1::2])
        )
    got = [one.downlink for half in halves for one in half if isinstance(one, Accepted) and one.downlink]
    assert sorted(got) == [ONE, TWO, THREE, THREE]
    assert sorted(await reasons(opened_store)) == [""] * 2 + ["empty_queue"] * 2 + ["quota"] * 16


async def test_the_quota_is_counted_by_the_day_in_utc_and_the_queue_keeps_what_is_beyond(
    opened_store: OpenedStore,
) -> None:
    store, midnight_ms = opened_store.store, (NOW_MS // DAY_MS + 1) * DAY_MS
    await set_chain(opened_store, "queue", a_day=1)
    await queue(store, ONE, TWO)
    assert await listen(store, 1, midnight_ms - 2000) == ONE
    assert await listen(store, 2, midnight_ms - 1) is None
    assert await Downlinks(store.driver).sent_today(DEVICE, midnight_ms - 1) == 1
    assert await Downlinks(store.driver).sent_today(DEVICE, midnight_ms) == 0
    assert await listen(store, 3, midnight_ms) == TWO
    assert await reasons(opened_store) == ["", "quota", ""]


async def test_no_limit_is_written_as_0(opened_store: OpenedStore) -> None:
    await set_chain(opened_store, "direct", template=ONE, a_day=0)
    assert [await listen(opened_store.store, number) for number in range(6)] == [ONE] * 6


@pytest.mark.parametrize(
    ("chain", "template", "reason"),
    [
        ("", "", "off"),
        ("none", ONE, "off"),
        ("nonsense", ONE, "off"),
        ("direct", "", "no_template"),
        ("direct", "zz", "no_template"),
        ("queue,direct", "", "empty_queue,no_template"),
    ],
)
async def test_the_reasons_are_kept(
    opened_store: OpenedStore, chain: str, template: str, reason: str
) -> None:
    await set_chain(opened_store, chain, template)
    accepted = await accept(opened_store.store, ASKING)
    assert (accepted.downlink, accepted.undecided) == (None, False)
    assert await reasons(opened_store) == [reason]
    (kept,) = await opened_store.store.uplinks_of_device(DEVICE)
    assert kept.downlink_reasons == tuple(NoDownlink(word) for word in reason.split(","))


async def test_an_unknown_device_gets_none(opened_store: OpenedStore) -> None:
    assert (await accept(opened_store.store, ASKING)).downlink is None
    assert await reasons(opened_store) == ["unknown_device"]


# --- questions


def no_data(accepted: Accepted, reason: NoDownlink, now_ms: int = NOW_MS) -> Reply:
    assert accepted.question
    return Reply(question=accepted.question, reason=reason, now_ms=now_ms)


def data(accepted: Accepted, given: str, now_ms: int = NOW_MS) -> Reply:
    assert accepted.question
    return Reply(question=accepted.question, data=given, now_ms=now_ms)


async def decide(store: Store, *replies: Reply) -> Sequence[Choice]:
    deciding = Deciding(store.driver)
    return await asyncio.gather(*(deciding.decide(reply, 30) for reply in replies))


async def test_one_of_many_copies_at_two_nodes_asks_and_counts_as_the_first_attempt(
    opened_store: OpenedStore,
) -> None:
    await set_chain(opened_store, "ask")
    async with opened_store.another("node-2") as other:
        halves = await asyncio.gather(
            accept_at_once(opened_store.store, [ASKING] * 25), accept_at_once(other, [ASKING] * 25)
        )
        answers = [one for half in halves for one in half if isinstance(one, Accepted)]
        (leading,) = [one for one in answers if one.question]
        assert all(one.undecided and one.deliveries == () for one in answers)
        assert leading.question
        assert leading.question.is_first_attempt
        assert await other.choice_of(leading.uplink_id) is None
        (choice,) = await decide(opened_store.store, data(leading, ONE))
        assert (choice.data, choice.source) == (ONE, DownlinkSource.ASK)
        assert (await other.choice_of(leading.uplink_id)) == Choice(data=ONE)
        opened_store.store.settle(settlement(leading.question.delivery))
        again = await accept(other, ASKING)
    assert (again.downlink, again.undecided) == (ONE, False)
    (row,) = await opened_store.rows("downlinks")
    assert (row["source"], row["data"], row["state"]) == ("ask", ONE, "sent")
    assert await Downlinks(opened_store.driver).sent_today(DEVICE, NOW_MS) == 1


async def test_without_an_answer_the_rest_of_the_chain_is_walked_at_once_for_many(
    opened_store: OpenedStore,
) -> None:
    store = opened_store.store
    await set_chain(opened_store, "ask,queue,direct", template=THREE)
    await queue(store, ONE)
    asked = [await accept(store, uplink(ack=True, seq_number=number)) for number in range(5)]
    choices = await decide(store, *(no_data(one, NoDownlink.ASK_TIMEOUT) for one in asked))
    assert [one.data for one in choices] == [ONE, THREE, THREE, THREE, ""]
    assert await reasons(opened_store) == [
        "ask_timeout",
        *["ask_timeout,empty_queue"] * 3,
        "quota",
    ]


async def test_an_answer_beyond_the_quota_is_not_handed_over(opened_store: OpenedStore) -> None:
    store = opened_store.store
    await set_chain(opened_store, "ask", a_day=1)
    asked = [await accept(store, uplink(ack=True, seq_number=number)) for number in range(2)]
    choices = [*await decide(store, data(asked[0], ONE)), *await decide(store, data(asked[1], TWO))]
    assert [one.data for one in choices] == [ONE, ""]
    third = await accept(store, uplink(ack=True, seq_number=9))
    assert (third.question, third.downlink) == (None, None)
    assert await reasons(opened_store) == ["", "quota", "quota"]


async def test_what_a_dead_node_asked_is_asked_again_after_a_while_and_the_first_choice_stays(
    opened_store: OpenedStore,
) -> None:
    store = opened_store.store
    await set_chain(opened_store, "ask")
    first = await accept(store, ASKING)
    soon = await accept(store, ASKING, received_at_ms=NOW_MS + 1000)
    later = await accept(store, ASKING, received_at_ms=NOW_MS + 60_000)
    assert (soon.question, soon.undecided) == (None, True)
    assert first.question
    assert later.question
    assert later.question.delivery.webhook_id == first.question.delivery.webhook_id
    assert not later.question.is_first_attempt
    (won,) = await decide(store, data(later, ONE))
    (lost,) = await decide(store, data(first, TWO))
    assert (won.data, lost.data) == (ONE, ONE)
    assert await states(opened_store) == [(ONE, "sent")]


async def test_a_message_that_another_callback_brought_already_is_not_sent_again_to_ask(
    opened_store: OpenedStore,
) -> None:
    store = opened_store.store
    await set_chain(opened_store, "ask,direct", template=ONE)
    brought = await accept(store, uplink(kind=Kind.DATA_ADVANCED))
    await settle(store, settlement(brought.deliveries[0]))
    late = await accept(store, ASKING)
    assert (late.question, late.downlink) == (None, ONE)
    (message,) = [row for row in await opened_store.rows("uplinks") if row["kind"] == "data"]
    assert message["downlink_reason"] == "ask_delivered"


async def test_a_start_of_the_only_process_lets_the_next_repeat_ask(opened_store: OpenedStore) -> None:
    await set_chain(opened_store, "ask")
    await accept(opened_store.store, ASKING)
    await opened_store.store.free_leases(NOW_MS + 1000)
    assert (await accept(opened_store.store, ASKING, received_at_ms=NOW_MS + 1000)).question


async def test_without_an_active_endpoint_or_without_room_nobody_is_asked(opened_store: OpenedStore) -> None:
    store = opened_store.store
    await set_chain(opened_store, "ask,direct", template=ONE)
    busy = await accept(store, ASKING, lease_until_ms=None)
    await opened_store.database.execute("UPDATE endpoints SET state = 'paused'")
    paused = await accept(store, uplink(ack=True, seq_number=8))
    assert [one.downlink for one in (busy, paused)] == [ONE, ONE]
    assert await reasons(opened_store) == ["ask_busy", "no_endpoint"]


# --- what becomes of it


async def test_an_acknowledgement_ends_a_downlink_and_a_repeat_of_it_changes_nothing(
    opened_store: OpenedStore,
) -> None:
    store = opened_store.store
    await set_chain(opened_store, "direct", template=ONE)
    await listen(store, 1)
    accepted = await tell(store, 0, NOW_MS + 5000, infoMessage="Acked")
    again = await tell(store, 0, NOW_MS + 5000, infoMessage="Acked")
    assert accepted.moved == (DownlinkSource.DIRECT, DownlinkState.ACKNOWLEDGED)
    assert (again.repeated, again.moved) == (True, None)
    (row,) = await opened_store.rows("downlinks")
    told = (row["state"], row["info_code"], row["info_message"], row["ended_at_ms"])
    assert told == ("acknowledged", 0, "Acked", NOW_MS + 5000)


async def test_what_was_refused_goes_back_to_its_place_in_the_queue_while_it_has_tries(
    opened_store: OpenedStore,
) -> None:
    store = opened_store.store
    await set_chain(opened_store, "queue")
    await queue(store, ONE, most_tries=2)
    await queue(store, TWO)
    got = []
    for number in range(3):
        got.append(await listen(store, number, NOW_MS + number * 60_000))
        await tell(store, 4, NOW_MS + number * 60_000 + 30_000)
    assert got == [ONE, ONE, TWO]
    assert await states(opened_store) == [(ONE, "refused"), (TWO, "refused")]


async def test_pending_leaves_it_as_it_is_and_the_yes_alone_is_enough(opened_store: OpenedStore) -> None:
    store = opened_store.store
    await set_chain(opened_store, "direct", template=ONE)
    await listen(store, 1)
    await tell(store, 5, NOW_MS + 1000)
    assert (await tell(store, None, NOW_MS + 2000)).moved is None
    assert await states(opened_store) == [(ONE, "sent")]
    await tell(store, None, NOW_MS + 3000, downlinkAck=True)
    assert await states(opened_store) == [(ONE, "acknowledged")]


async def test_a_late_acknowledgement_is_of_the_message_before_it(opened_store: OpenedStore) -> None:
    store = opened_store.store
    await set_chain(opened_store, "queue")
    await queue(store, ONE, TWO)
    await listen(store, 1, NOW_MS)
    await listen(store, 2, NOW_MS + 600_000)
    await tell(store, 0, NOW_MS)
    assert await states(opened_store) == [(ONE, "acknowledged"), (TWO, "sent")]
    assert (await tell(store, 1, NOW_MS + 700_000)).moved == (DownlinkSource.QUEUE, DownlinkState.REFUSED)
    assert (await tell(store, 0, NOW_MS + 800_000)).moved is None


async def test_time_ends_what_waits_too_long_and_what_is_not_heard_of(opened_store: OpenedStore) -> None:
    store = opened_store.store
    await set_chain(opened_store, "queue")
    await queue(store, ONE, most_tries=2)
    await queue(store, TWO, expires_at_ms=NOW_MS + 2 * HOUR_MS)
    assert await listen(store, 1) == ONE
    assert await opened_store.driver.transact(expire_downlinks(NOW_MS + HOUR_MS - 1)) == 0
    assert await opened_store.driver.transact(expire_downlinks(NOW_MS + HOUR_MS)) == 1
    assert await states(opened_store) == [(ONE, "pending"), (TWO, "pending")]
    assert await listen(store, 2, NOW_MS + 2 * HOUR_MS) == ONE
    assert await listen(store, 3, NOW_MS + 2 * HOUR_MS) is None
    assert await opened_store.driver.transact(expire_downlinks(NOW_MS + 3 * HOUR_MS)) == 2
    assert await states(opened_store) == [(ONE, "expired"), (TWO, "expired")]
    assert await opened_store.driver.transact(expire_downlinks(NOW_MS + 9 * HOUR_MS)) == 0


# --- the queue by hand


async def test_a_queue_is_replaced_cleared_and_listed(opened_store: OpenedStore) -> None:
    downlinks = Downlinks(opened_store.driver)
    await set_chain(opened_store, "queue")
    first, second = await queue(opened_store.store, ONE, TWO, label="set the clock")
    assert await downlinks.cancel(DEVICE, first, NOW_MS)
    assert not await downlinks.cancel(DEVICE, first, NOW_MS)
    assert not await downlinks.cancel(DEVICE + 1, second, NOW_MS)
    third = await downlinks.replace(Push(device=DEVICE, data=THREE), NOW_MS)
    assert third
    page = await downlinks.list(DEVICE, limit=1)
    assert [one.id for one in (*page.pending, *page.past)] == [third, second]
    assert page.next_before
    rest = await downlinks.list(DEVICE, before=page.next_before, limit=2)
    assert ([one.id for one in (*rest.pending, *rest.past)], rest.next_before) == ([first], None)
    assert (rest.past[0].label, rest.past[0].state) == ("set the clock", DownlinkState.CANCELLED)
    assert [await downlinks.clear(DEVICE, NOW_MS) for _ in range(2)] == [1, 0]
    found = await downlinks.find(third)
    assert found
    assert replace(found, id=0).state is DownlinkState.CANCELLED


async def test_a_queue_has_an_end_and_an_unknown_device_has_none(opened_store: OpenedStore) -> None:
    await set_chain(opened_store, "queue")
    assert await Downlinks(opened_store.driver).push(Push(device=DEVICE + 1, data=ONE), NOW) is None
    await queue(opened_store.store, *[ONE] * MOST_PENDING)
    with pytest.raises(DownlinkRefused, match="at most 100"):
        await queue(opened_store.store, ONE)
