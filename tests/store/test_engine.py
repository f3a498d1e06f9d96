"""The delivery engine over days, with a clock moved by hand: schedules, suspensions, pauses, drains."""

from collections import Counter
from dataclasses import replace
from itertools import accumulate

import pytest

from relay.domain.delivery import Cause, Delivery, Wish
from relay.store import tending
from relay.store.deliveries import Deliveries, Replayed
from relay.store.endpoints import Backlog
from relay.store.forgetting import BATCH, Limits, forget_unclaimed, forget_uplinks
from relay.store.replays import Range, ReplayedStates, Replays
from relay.store.tending import DRAIN_AT_ONCE
from tests.store.conftest import OpenedStore
from tests.store.engine import (
    DAY_MS,
    HOUR_MS,
    SCHEDULE,
    SECOND_MS,
    Engine,
    Receiver,
    Sent,
    dead,
    good,
    waits_seconds,
)
from tests.store.given import NOW_MS, OTHER_HOST, OTHER_URL, accept, bind, uplink


@pytest.fixture
def _seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days pass sooner when there is less to look at."""
    monkeypatch.setattr(tending, "LOOK_AGAIN_MS", 6 * HOUR_MS)


@pytest.fixture
async def engine(opened_store: OpenedStore) -> Engine:
    return await Engine.made(opened_store)


def takes_after(moment_ms: int, engine: Engine) -> Receiver:
    """Dead until then."""
    return lambda _: None if engine.now_ms >= moment_ms else Cause.REFUSED


async def closed(engine: Engine, messages: int = 10) -> None:
    """So many messages that the endpoint failed at the first ten of them; all are held."""
    await engine.accept(messages)
    await engine.send_due(dead)
    assert (await engine.endpoint())["state"] == "failing"
    engine.now_ms += 5 * SECOND_MS
    assert await engine.claim() == []
    assert await engine.states() == {"held": messages}


# --- one message


@pytest.mark.usefixtures("_seldom")
async def test_the_only_message_at_a_dead_endpoint_is_tried_by_the_whole_schedule_and_then_held(
    engine: Engine,
) -> None:
    await engine.accept()
    await engine.live(dead, NOW_MS + 4 * DAY_MS)
    moments = [(one.at_ms - NOW_MS) / 1000 for one in engine.sent]
    assert moments == pytest.approx(list(accumulate(SCHEDULE)), abs=1)
    assert [one.tries for one in engine.sent] == list(range(1, 12))
    (row,) = await engine.deliveries()
    assert (row["state"], row["cause"], row["attempts"]) == ("held", "refused", 11)


@pytest.mark.usefixtures("_seldom")
async def test_what_is_held_with_its_tries_spent_goes_out_with_the_next_message(engine: Engine) -> None:
    await engine.accept()
    await engine.live(dead, NOW_MS + 76 * HOUR_MS)
    await engine.accept()
    await engine.live(good, engine.now_ms + DAY_MS)
    assert await engine.states() == {"delivered": 2}


async def test_a_receiver_that_recovers_gets_its_message_at_the_next_try(engine: Engine) -> None:
    await engine.accept()
    await engine.live(takes_after(NOW_MS + 20 * SECOND_MS, engine), NOW_MS + DAY_MS)
    assert [one.cause for one in engine.sent] == [Cause.REFUSED, Cause.REFUSED, None]
    assert await engine.states() == {"delivered": 1}


async def test_who_wants_a_message_no_more_does_not_get_it_again(engine: Engine) -> None:
    await engine.accept(2)
    first, second = await engine.claim()
    await engine.settle([first], dead, Wish.ABORT_MESSAGE)
    await engine.settle([second])
    await engine.live(good, NOW_MS + 10 * DAY_MS)
    rows = {row["id"]: (row["state"], row["cause"]) for row in await engine.deliveries()}
    assert rows == {first.id: ("dead", "aborted"), second.id: ("delivered", None)}
    assert (await engine.endpoint())["state"] == "active"


# --- closing and opening


async def test_after_ten_failures_the_rest_is_held_without_spending_tries(engine: Engine) -> None:
    await engine.accept(30)
    await engine.send_due(dead)
    engine.now_ms += 5 * SECOND_MS
    assert await engine.claim() == []
    rows = await engine.deliveries()
    assert Counter((row["state"], row["attempts"], row["tries"]) for row in rows) == {
        ("held", 1, 1): 10,
        ("held", 0, 0): 20,
    }
    assert {row["leased_by"] for row in rows} == {None}


async def test_a_message_that_comes_while_an_endpoint_is_closed_is_held(engine: Engine) -> None:
    await closed(engine)
    assert await engine.accept(leased=True) == []
    assert await engine.states() == {"held": 11}


async def test_a_failing_endpoint_gets_one_message_at_a_time_by_the_schedule(engine: Engine) -> None:
    await closed(engine)
    await engine.live(dead, NOW_MS + 3 * DAY_MS)
    waits = waits_seconds(engine.sent[9:])
    assert waits == pytest.approx(SCHEDULE[1:10], abs=1)


async def test_an_endpoint_without_success_for_days_is_suspended_and_opened_by_one_success(
    engine: Engine,
) -> None:
    for _ in range(9 * 4):  # four messages a day
        await engine.accept()
        await engine.live(dead, engine.now_ms + 6 * HOUR_MS)
    assert (await engine.endpoint())["state"] == "suspended"
    late = [one for one in engine.sent if one.at_ms >= NOW_MS + 5 * DAY_MS]
    assert waits_seconds(late) == [3600, 6 * 3600, *[24 * 3600] * 3]
    assert await engine.states() == {"held": 36}
    await engine.live(good, engine.now_ms + DAY_MS)
    assert await engine.states() == {"delivered": 36}
    endpoint = await engine.endpoint()
    assert (endpoint["state"], endpoint["failures"], endpoint["probe_at_ms"]) == ("active", 0, None)


@pytest.mark.parametrize(
    ("cause", "wish"), [(Cause.GONE, None), (Cause.SERVER_ERROR, Wish.DISABLE), (Cause.GONE, Wish.DISABLE)]
)
async def test_who_is_gone_gets_nothing_but_a_probe_an_hour_later(
    engine: Engine, cause: Cause, wish: Wish | None
) -> None:
    await engine.accept(5)
    first, *others = await engine.claim()
    await engine.settle([first], lambda _: cause, wish)
    await engine.give_back(others)
    await engine.live(dead, NOW_MS + HOUR_MS + SECOND_MS)
    assert [one.at_ms - NOW_MS for one in engine.sent] == [0, HOUR_MS]
    assert await engine.states() == {"held": 5}


async def test_who_takes_a_message_and_wants_no_more_gets_no_more(engine: Engine) -> None:
    await engine.accept()
    await engine.settle(await engine.claim(), wish=Wish.DISABLE)
    assert ((await engine.endpoint())["state"], (await engine.endpoint())["cause"]) == ("suspended", "gone")
    await engine.accept()
    assert await engine.claim() == []
    assert await engine.states() == {"delivered": 1, "held": 1}


async def test_what_was_held_drains_oldest_first_and_at_a_bounded_rate(engine: Engine) -> None:
    await closed(engine, 40)
    engine.sent.clear()
    await engine.live(good, NOW_MS + HOUR_MS)
    assert [one.delivery_id for one in engine.sent] == [row["id"] for row in await engine.deliveries()]
    assert max(Counter(one.at_ms // SECOND_MS for one in engine.sent[1:]).values()) <= DRAIN_AT_ONCE
    assert await engine.states() == {"delivered": 40}


async def test_while_it_drains_a_fresh_message_waits_for_nothing(engine: Engine) -> None:
    await closed(engine, 40)
    await engine.tend()
    await engine.send_due(good)
    (fresh,) = await engine.accept(leased=True)
    await engine.settle([fresh])
    await engine.live(good, NOW_MS + HOUR_MS)
    assert await engine.states() == {"delivered": 41}


async def test_messages_that_wait_for_a_later_try_do_not_keep_the_held_ones_from_draining(
    engine: Engine,
) -> None:
    await engine.accept(DRAIN_AT_ONCE)
    claimed = await engine.claim()
    poison = {one.id for one in claimed}
    await engine.give_back(claimed)

    def takes_others(delivery: Delivery) -> Cause | None:
        return Cause.CLIENT_ERROR if delivery.id in poison else None

    await _with_successes_between(engine, takes_others)
    await engine.endpoints.pause(await engine.endpoint_id())
    await engine.accept(5)
    await engine.endpoints.resume(await engine.endpoint_id(), Backlog.ALL, engine.now_ms)
    await engine.live(takes_others, engine.now_ms + 10 * SECOND_MS)
    assert (await engine.states())["held"] == 0
    assert {row["state"] for row in await engine.deliveries() if row["id"] in poison} == {"waiting"}


async def _with_successes_between(engine: Engine, receiver: Receiver) -> None:
    """Each of the messages that are due fails five times, none of them closes the endpoint."""
    for _ in range(5):
        for delivery in await engine.claim():
            await engine.settle([delivery], receiver)
            if receiver(delivery):
                await engine.settle(await engine.accept(leased=True), receiver)
        engine.now_ms += HOUR_MS


async def test_an_endpoint_that_fails_and_works_in_one_moment_strands_nothing(engine: Engine) -> None:
    ten = await engine.accept(11, leased=True)
    last = ten[-1]
    await engine.settle(ten, lambda one: None if one is last else Cause.REFUSED)
    assert (await engine.endpoint())["state"] == "active"
    await engine.live(good, NOW_MS + HOUR_MS)
    assert await engine.states() == {"delivered": 11}


async def test_a_new_url_opens_a_closed_endpoint(engine: Engine) -> None:
    await closed(engine, 15)
    await bind(engine.store, OTHER_URL, OTHER_HOST, now_ms=engine.now_ms)
    await engine.live(good, engine.now_ms + 4 * SECOND_MS)
    assert await engine.states() == {"delivered": 15}


async def test_a_new_url_does_not_end_a_pause(engine: Engine) -> None:
    await engine.endpoints.pause(await engine.endpoint_id())
    await engine.accept(3)
    await bind(engine.store, OTHER_URL, OTHER_HOST, now_ms=engine.now_ms)
    await engine.live(good, NOW_MS + DAY_MS)
    assert await engine.states() == {"held": 3}
    await engine.endpoints.resume(await engine.endpoint_id(), Backlog.ALL, engine.now_ms)
    await engine.live(good, engine.now_ms + HOUR_MS)
    assert await engine.states() == {"delivered": 3}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_dead_endpoint_with_ten_thousand_messages_is_asked_seldom(engine: Engine) -> None:
    await engine.accept(10_000)
    await engine.live(dead, NOW_MS + HOUR_MS)
    assert 10 <= len(engine.sent) <= 20
    assert await engine.states() == {"held": 10_000}


# --- pausing


async def test_a_paused_endpoint_gets_nothing_and_nothing_is_lost(engine: Engine) -> None:
    await engine.accept(3)
    (under_way, *_) = await engine.claim(1)
    await engine.endpoints.pause(await engine.endpoint_id())
    assert await engine.accept(2, leased=True) == []
    await engine.settle([under_way])
    await engine.live(good, NOW_MS + 20 * DAY_MS)
    assert await engine.states() == {"delivered": 1, "held": 4}
    assert [row["tries"] for row in await engine.deliveries()] == [1, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("backlog", "arrive", "given_up"), [(Backlog.ALL, 7, 0), (Backlog.NEWEST, 1, 6), (Backlog.DISCARD, 0, 7)]
)
async def test_who_resumes_chooses_what_becomes_of_what_was_held(
    engine: Engine, backlog: Backlog, arrive: int, given_up: int
) -> None:
    await engine.endpoints.pause(await engine.endpoint_id())
    await engine.accept(7)
    assert await engine.endpoints.resume(await engine.endpoint_id(), backlog, engine.now_ms) == given_up
    await engine.live(good, NOW_MS + HOUR_MS)
    rows = await engine.deliveries()
    assert [row["state"] for row in rows] == ["dead"] * given_up + ["delivered"] * arrive
    assert [row["cause"] for row in rows] == ["discarded"] * given_up + [None] * arrive
    await engine.accept()
    await engine.live(good, engine.now_ms + SECOND_MS)
    assert (await engine.states())["delivered"] == arrive + 1


async def test_what_fails_while_its_endpoint_is_paused_is_held_and_sent_on_resume(engine: Engine) -> None:
    under_way = await engine.accept(2, leased=True)
    await engine.endpoints.pause(await engine.endpoint_id())
    await engine.settle(under_way, dead)
    assert await engine.states() == {"held": 2}
    await engine.endpoints.resume(await engine.endpoint_id(), Backlog.ALL, engine.now_ms)
    await engine.live(good, NOW_MS + HOUR_MS)
    assert await engine.states() == {"delivered": 2}


# --- in order


async def ordered(engine: Engine) -> None:
    assert await engine.endpoints.set_ordered(await engine.endpoint_id(), True)
    await engine.tend()


def arrived(sent: list[Sent]) -> list[int]:
    return [one.delivery_id for one in sent if one.cause is None]


async def test_in_order_a_message_waits_for_the_one_before_however_long_that_takes(engine: Engine) -> None:
    await ordered(engine)
    for _ in range(4):
        await engine.accept()
    stubborn = (await engine.deliveries())[1]["id"]
    tried: Counter[int] = Counter()

    def receiver(delivery: Delivery) -> Cause | None:
        tried[delivery.id] += 1
        return Cause.SERVER_ERROR if delivery.id == stubborn and tried[stubborn] < 4 else None

    await engine.live(receiver, NOW_MS + HOUR_MS)
    assert arrived(engine.sent) == sorted(tried)
    assert [one.delivery_id for one in engine.sent] == sorted(one.delivery_id for one in engine.sent)
    assert await engine.states() == {"delivered": 4}


async def test_in_order_no_two_are_under_way_at_once(engine: Engine) -> None:
    await ordered(engine)
    (first,) = await engine.accept(3, leased=True)
    assert await engine.claim() == []
    await engine.settle([first])
    (second,) = await engine.claim()
    assert second.id > first.id


async def test_in_order_a_message_that_is_given_up_lets_the_next_one_go(engine: Engine) -> None:
    await ordered(engine)
    await engine.accept(2)
    (first,) = await engine.claim()
    await engine.settle([first], dead, Wish.ABORT_MESSAGE)
    await engine.live(good, NOW_MS + HOUR_MS)
    assert await engine.states() == {"dead": 1, "delivered": 1}


@pytest.mark.usefixtures("_seldom")
async def test_in_order_not_even_a_long_outage_lets_a_later_message_go_first(engine: Engine) -> None:
    await ordered(engine)
    for _ in range(10):
        await engine.accept()
        await engine.live(dead, engine.now_ms + DAY_MS)
    await engine.live(good, engine.now_ms + 2 * DAY_MS)
    assert await engine.states() == {"delivered": 10}
    assert arrived(engine.sent) == sorted(arrived(engine.sent))


async def test_in_order_a_message_that_is_buried_lets_the_next_one_go(engine: Engine) -> None:
    await ordered(engine)
    await engine.accept(2)
    await _crash(engine, times=3)
    await engine.live(good, engine.now_ms + HOUR_MS)
    assert await engine.states() == {"dead": 1, "delivered": 1}


async def test_order_may_be_asked_for_while_messages_are_under_way(engine: Engine) -> None:
    under_way = await engine.accept(2, leased=True)
    await ordered(engine)
    await engine.accept(3)
    await engine.settle(under_way)
    await engine.live(good, NOW_MS + HOUR_MS)
    assert arrived(engine.sent) == sorted(arrived(engine.sent))
    assert await engine.states() == {"delivered": 5}


async def test_order_may_be_given_up_while_messages_wait_for_another(engine: Engine) -> None:
    await ordered(engine)
    await engine.accept(5)
    await engine.send_due(dead)
    await engine.endpoints.set_ordered(await engine.endpoint_id(), False)
    await engine.live(good, NOW_MS + 4 * SECOND_MS)
    assert await engine.states() == {"waiting": 1, "delivered": 4}


async def test_in_order_a_replay_goes_in_order_too(engine: Engine) -> None:
    await ordered(engine)
    await engine.accept(5)
    await engine.live(good, NOW_MS + HOUR_MS)
    await _replay(engine)
    engine.sent.clear()
    await engine.tend()
    await engine.tend()
    claimed = await engine.claim()
    assert len(claimed) == 1
    await engine.settle(claimed)
    await engine.live(good, engine.now_ms + HOUR_MS)
    assert arrived(engine.sent) == [row["id"] for row in await engine.deliveries()]


# --- replays


async def _replay(
    engine: Engine, states: ReplayedStates = ReplayedStates.ALL, until_ms: int = NOW_MS + DAY_MS
) -> int:
    device = (await engine.endpoint())["device"]
    wanted = Range(device=device, states=states, since_ms=NOW_MS, until_ms=until_ms)
    replays = Replays(engine.opened.driver)
    replay = await replays.start(wanted, engine.now_ms)
    assert replay.total == await replays.count(wanted)
    return replay.id


async def _progress(engine: Engine) -> tuple[str, int, int]:
    (replay,) = await Replays(engine.opened.driver).list(10)
    return replay.state, replay.done, replay.total


async def test_a_range_is_sent_again_a_few_at_a_time(engine: Engine) -> None:
    await engine.accept(25)
    await engine.live(good, NOW_MS + HOUR_MS)
    engine.sent.clear()
    await _replay(engine)
    assert await _progress(engine) == ("running", 0, 25)
    await engine.tend()
    assert await _progress(engine) == ("running", 10, 25)
    assert await engine.states() == {"waiting": 10, "delivered": 15}
    await engine.live(good, engine.now_ms + HOUR_MS)
    assert await _progress(engine) == ("done", 25, 25)
    assert Counter(one.delivery_id for one in engine.sent) == {
        row["id"]: 1 for row in await engine.deliveries()
    }
    assert {(one.attempt, one.tries) for one in engine.sent} == {(2, 1)}


async def test_a_cancelled_replay_goes_no_further(engine: Engine) -> None:
    await engine.accept(25)
    await engine.live(good, NOW_MS + HOUR_MS)
    engine.sent.clear()
    replay_id = await _replay(engine, ReplayedStates.DELIVERED)
    await engine.tend()
    assert await Replays(engine.opened.driver).cancel(replay_id)
    await engine.live(good, engine.now_ms + HOUR_MS)
    assert await _progress(engine) == ("cancelled", 10, 25)
    assert len(engine.sent) == 10
    assert not await Replays(engine.opened.driver).cancel(replay_id)


async def test_a_replay_takes_only_what_was_asked_for(engine: Engine) -> None:
    await engine.accept(3)
    first, *others = await engine.claim()
    await engine.settle([first], dead, Wish.ABORT_MESSAGE)
    await engine.settle(others)
    engine.now_ms += HOUR_MS
    await engine.accept(1)
    (late,) = await engine.claim()
    await engine.settle([late], dead, Wish.ABORT_MESSAGE)
    engine.sent.clear()
    await _replay(engine, ReplayedStates.DEAD, until_ms=NOW_MS + HOUR_MS - 1)
    await engine.live(good, engine.now_ms + HOUR_MS)
    assert [one.delivery_id for one in engine.sent] == [first.id]
    assert await engine.states() == {"delivered": 3, "dead": 1}


async def test_a_replay_at_a_paused_endpoint_is_held(engine: Engine) -> None:
    await engine.accept(3)
    await engine.live(good, NOW_MS + HOUR_MS)
    await engine.endpoints.pause(await engine.endpoint_id())
    await _replay(engine)
    await engine.live(good, engine.now_ms + HOUR_MS)
    assert await engine.states() == {"held": 3}
    await engine.endpoints.resume(await engine.endpoint_id(), Backlog.ALL, engine.now_ms)
    await engine.live(good, engine.now_ms + HOUR_MS)
    assert await engine.states() == {"delivered": 3}


async def test_a_replay_leaves_alone_what_is_under_way(engine: Engine) -> None:
    (under_way,) = await engine.accept(leased=True)
    before = await engine.deliveries()
    replayed = await Deliveries(engine.opened.driver).replay(under_way.id, engine.now_ms)
    assert replayed is Replayed.UNDER_WAY
    assert await engine.deliveries() == before


# --- crashes


async def _crash(engine: Engine, times: int) -> None:
    """The process ends while it holds what is due, starts again, and so on."""
    for _ in range(times):
        await engine.claim()
        await engine.store.free_leases(engine.now_ms)
        engine.now_ms += SECOND_MS


async def test_a_message_that_was_there_at_three_crashes_is_given_up(engine: Engine) -> None:
    await engine.accept()
    await _crash(engine, times=3)
    assert await engine.claim() == []
    (row,) = await engine.deliveries()
    assert (row["state"], row["cause"], row["leased_by"]) == ("dead", "crashed", None)
    await engine.live(good, engine.now_ms + 10 * DAY_MS)
    assert engine.sent == []


async def test_a_message_that_arrives_after_a_crash_is_no_longer_suspected(engine: Engine) -> None:
    await engine.accept()
    await _crash(engine, times=2)
    (delivery,) = await engine.claim()
    assert delivery.crashes == 2
    await engine.settle([delivery], dead)
    (row,) = await engine.deliveries()
    assert (row["state"], row["crashes"]) == ("waiting", 0)


async def test_of_those_that_were_in_a_crash_few_are_tried_at_once_and_then_each_alone(
    engine: Engine,
) -> None:
    await engine.accept(50)
    await _crash(engine, times=1)
    first_twenty = await engine.claim()
    assert len(first_twenty) == 20
    await engine.store.free_leases(engine.now_ms)
    again = await engine.claim()
    assert Counter(one.crashes for one in again) == {1: 20, 2: 1}


async def test_the_innocent_survive_one_that_ends_the_process_each_time(engine: Engine) -> None:
    await engine.accept(30)
    culprit = (await engine.deliveries())[7]["id"]
    for _ in range(40):
        claimed = await engine.claim()
        if culprit in {one.id for one in claimed}:
            await engine.store.free_leases(engine.now_ms)
        else:
            await engine.settle(claimed)
        engine.now_ms += SECOND_MS
    states = {row["id"]: row["state"] for row in await engine.deliveries()}
    assert states.pop(culprit) == "dead"
    assert set(states.values()) == {"delivered"}


async def test_what_a_dead_node_left_behind_is_suspected_by_the_others(engine: Engine) -> None:
    await engine.accept(50)
    async with engine.opened.another("node-2") as other:
        lost = await replace(engine, store=other).claim()
    assert len(lost) == 50
    engine.now_ms += HOUR_MS
    claimed = await engine.claim()
    assert Counter(one.crashes for one in claimed) == {1: 20}
    async with engine.opened.another("node-3") as third:
        assert len(await replace(engine, store=third).claim()) == 20
    engine.now_ms += HOUR_MS
    assert Counter(one.crashes for one in await engine.claim())[2] <= 1


async def test_a_probe_that_ends_the_process_is_not_the_last_one(engine: Engine) -> None:
    await closed(engine, 12)
    await engine.tend()
    await _crash(engine, times=3)
    await engine.live(good, engine.now_ms + DAY_MS)
    assert await engine.states() == {"dead": 1, "delivered": 11}


async def test_a_probe_whose_message_was_let_go_is_not_the_last_one(engine: Engine) -> None:
    await closed(engine, 12)
    await engine.tend()
    (probe,) = await engine.claim()
    await engine.opened.database.execute(f"DELETE FROM deliveries WHERE id = {probe.id}")
    await engine.live(good, engine.now_ms + DAY_MS)
    assert await engine.states() == {"delivered": 11}


# --- letting go


KEEP_ALL = Limits(messages_before_ms=0, attempts_before_ms=0, unclaimed_before_ms=0)


async def _forget(engine: Engine, limits: Limits) -> tuple[int, int]:
    """All sweeps until the end: how many there were, and how many messages went."""
    after, sweeps, gone = 0, 0, 0
    while True:
        after, went = await engine.opened.driver.transact(forget_uplinks(limits, after))
        sweeps, gone = sweeps + 1, gone + went
        if not after:
            return sweeps, gone


async def test_old_messages_go_with_their_deliveries_and_attempts_and_the_young_stay(engine: Engine) -> None:
    await engine.accept(3)
    await engine.live(good, NOW_MS + DAY_MS)
    await engine.accept(2)
    await engine.live(good, NOW_MS + 2 * DAY_MS)
    assert await _forget(engine, KEEP_ALL) == (1, 0)
    limits = replace(KEEP_ALL, messages_before_ms=NOW_MS + DAY_MS)
    assert await _forget(engine, limits) == (1, 3)
    for table in ("uplinks", "deliveries"):
        assert len(await engine.opened.rows(table)) == 2
    kept = {row["id"] for row in await engine.deliveries()}
    assert {row["delivery_id"] for row in await engine.opened.rows("attempts", "delivery_id")} == kept


async def test_many_old_messages_go_in_batches(engine: Engine) -> None:
    await engine.accept(BATCH * 2 + 7)
    engine.now_ms += DAY_MS
    await engine.accept(5)
    sweeps, gone = await _forget(engine, replace(KEEP_ALL, messages_before_ms=NOW_MS + 1))
    assert (sweeps, gone) == (3, BATCH * 2 + 7)
    assert len(await engine.deliveries()) == 5


async def test_unclaimed_messages_have_their_own_time(engine: Engine) -> None:
    await engine.accept(2)
    await accept(engine.store, uplink(device=0xDEAD, device_text="dead"))
    limits = replace(KEEP_ALL, messages_before_ms=NOW_MS + 1, unclaimed_before_ms=NOW_MS)
    assert await engine.opened.driver.transact(forget_unclaimed(limits)) == 0
    assert await _forget(engine, limits) == (1, 2)
    assert [row["device"] for row in await engine.opened.rows("uplinks")] == [0xDEAD]
    limits = replace(KEEP_ALL, unclaimed_before_ms=NOW_MS + 1)
    assert await engine.opened.driver.transact(forget_unclaimed(limits)) == 1
    assert await engine.opened.rows("uplinks") == []


async def test_in_order_a_message_that_is_let_go_lets_the_next_one_go(engine: Engine) -> None:
    await ordered(engine)
    await engine.accept()
    await engine.send_due(dead)
    engine.now_ms += DAY_MS
    await engine.accept()
    await _forget(engine, replace(KEEP_ALL, messages_before_ms=NOW_MS + 1))
    await engine.live(good, engine.now_ms + DAY_MS)
    assert await engine.states() == {"delivered": 1}
