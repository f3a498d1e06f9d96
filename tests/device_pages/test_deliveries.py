"""The log of deliveries, and sending again what failed."""

import re

from relay.domain.delivery import Cause
from relay.domain.verdict import Dead, DueAgain
from relay.store.endpoints import Endpoints
from relay.store.replays import Replays
from relay.store.tending import advance_replays, pause
from tests.device_pages.owner import FAILED, MESSAGES, NOW, OVERVIEW, accept, page, post, settle, signed_in
from tests.pages import DEVICE, OTHER_DEVICE, OTHER_TOKEN, Pages

LOG = f"{OVERVIEW}/deliveries"
BOUND = ("https://hooks.example.com/in", "hooks.example.com")


async def failed(pages: Pages, count: int) -> None:
    """Messages that were given up."""
    await pages.bind(*BOUND)
    accepted = [await accept(pages, seq_number=number, time=NOW - 1 - number) for number in range(count)]
    for one in accepted:
        await settle(pages, one.deliveries[0], Dead(Cause.SERVER_ERROR), **FAILED)


async def test_the_log_shows_each_attempt_with_its_cause(pages: Pages) -> None:
    await signed_in(pages)
    assert "Nothing sent yet." in await page(pages, LOG)
    await failed(pages, 1)
    text = await page(pages, LOG)
    assert "Answered 500 Internal Server Error" in text
    assert "hooks.example.com" in text
    assert "No delivery matches here." in await page(pages, f"{LOG}?state=delivered")
    assert "No failures in this range." in await page(pages, f"{LOG}?state=dead&to=2027-01-14")


async def test_the_log_is_filtered_by_state_cause_and_status_of_the_last_attempt(pages: Pages) -> None:
    await failed(pages, 1)
    timed_out = await accept(pages, seq_number=70)
    outcome = {"status": None, "cause": Cause.READ_TIMEOUT}
    await settle(pages, timed_out.deliveries[0], DueAgain(NOW * 1000 + 60_000), **outcome)
    await settle(pages, (await accept(pages, seq_number=80)).deliveries[0])
    await signed_in(pages)
    for query, found in (
        ("", [80, 70, 0]),
        ("cause=read_timeout", [70]),
        ("cause=read_timeout&state=waiting", [70]),
        ("cause=read_timeout&state=dead", []),
        ("status=500", [0]),
        ("status=5XX&range=24h", [0]),
        ("status=2xx", [80]),
        ("status=404", []),
    ):
        text = await page(pages, f"{LOG}?{query}")
        assert [int(each) for each in re.findall(r'/m/\d+">(\d+)</a>', text)] == found, query


async def test_a_filter_of_the_log_that_makes_no_sense_says_what_to_do(pages: Pages) -> None:
    await failed(pages, 1)
    await signed_in(pages)
    text = await page(pages, f"{LOG}?status=many&cause=bad+luck&state=lost", 422)
    assert "Write a status such as 404, or 5xx" in text
    assert text.count('<a href="#') >= 3
    assert "Answered 500" not in text
    assert "Napište stav jako 404" in await page(pages, f"{LOG}?status=999&lang=cs", 422)


async def test_what_failed_is_sent_again_after_a_look_at_how_much_it_is(pages: Pages) -> None:
    await failed(pages, 12)
    await signed_in(pages)
    preview = await page(pages, f"{OVERVIEW}/recover?since=2027-01-01")
    assert "12 messages since 1\N{NO-BREAK SPACE}Jan\N{NO-BREAK SPACE}2027" in preview
    assert "nothing failed" in await page(pages, f"{OVERVIEW}/recover?since=2027-01-01&states=held")
    started = await post(pages, f"{OVERVIEW}/recover", since="2027-01-01", states="dead")
    assert "12 messages are being sent again." in started
    await pages.store.driver.transact(advance_replays(NOW * 1000))
    under_way = await page(pages, LOG)
    assert "10 of 12 sent again" in under_way
    assert f'data-live="{OVERVIEW}/live"' in under_way
    await pages.store.driver.transact(advance_replays(NOW * 1000))
    assert "12 of 12 sent again" in await page(pages, LOG)
    assert "finished" in await page(pages, LOG)
    assert "data-live" not in await page(pages, LOG)


async def test_what_failed_and_what_is_held_are_sent_again_together(pages: Pages) -> None:
    await failed(pages, 10)
    for number in range(3):  # held, for so much failed
        await accept(pages, seq_number=80 + number, time=NOW - 60)
    await signed_in(pages)
    for states, count in (("held", "3 messages "), ("dead", "10 messages "), ("undelivered", "13 messages ")):
        assert count in await page(pages, f"{OVERVIEW}/recover?since=2027-01-01&states={states}")
    await post(pages, f"{OVERVIEW}/recover", since="2027-01-01", states="undelivered")
    made_due = [await pages.store.driver.transact(advance_replays(NOW * 1000)) for _ in range(3)]
    assert made_due == [10, 3, 0]
    assert "13 of 13 sent again" in await page(pages, LOG)


async def test_what_is_ticked_is_sent_again_after_a_look_at_how_much_it_is(pages: Pages) -> None:
    await failed(pages, 3)
    under_way = await accept(pages, seq_number=80)
    await signed_in(pages)
    log = await page(pages, LOG)
    deliveries = re.findall(r'form="selection" name="delivery" value="(\d+)"', log)
    messages = re.findall(r'form="selection" name="message" value="(\d+)"', await page(pages, MESSAGES))
    assert len(deliveries) == 4
    assert messages == [str(under_way.uplink_id), *messages[1:]]
    assert len(messages) == 4
    query = "&".join(f"message={one}" for one in messages)
    preview = await page(pages, f"{OVERVIEW}/replay?{query}&delivery={deliveries[1]}&delivery=999")
    for words in (
        "3 deliveries, the oldest first of 3 messages.",
        "1 delivery is being tried at this moment",
        "the webhook-id stays the same",
    ):
        assert words in preview, words
    assert "3 doručení, od nejstaršího ze 3 zpráv" in await page(pages, f"{OVERVIEW}/replay?{query}&lang=cs")
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', preview))
    done = await post(pages, f"{OVERVIEW}/replay?lang=en", **fields)
    assert "3 deliveries are being sent again." in done
    assert "</span> Failed" not in done
    assert "Ordered messages to be sent again: 3." in await page(pages, f"{OVERVIEW}/settings")


async def test_too_much_and_nothing_and_what_is_not_ones_own_are_not_sent_again(pages: Pages) -> None:
    await failed(pages, 1)
    await signed_in(pages)
    assert "Tick the rows" in await page(pages, f"{OVERVIEW}/replay?message=x&back=deliveries")
    query = "&".join(f"message={one}" for one in range(101))
    assert "You ticked 101 rows; at most 100" in await page(pages, f"{OVERVIEW}/replay?{query}")
    (delivery,) = re.findall(r'name="delivery" value="(\d+)"', await page(pages, LOG))
    await signed_in(pages, OTHER_DEVICE, OTHER_TOKEN)
    other = f"/devices/{OTHER_DEVICE}"
    unsent = await accept(pages, device=int(OTHER_DEVICE, 16), device_text=OTHER_DEVICE)
    preview = await page(pages, f"{other}/replay?message={unsent.uplink_id}")
    assert "1 message was sent nowhere" in preview
    assert "nothing to send again" in await page(pages, f"{other}/replay?delivery={delivery}")
    assert "0 deliveries" in await post(pages, f"{other}/replay", deliveries=delivery, back="deliveries")


async def test_of_what_is_sent_to_a_paused_webhook_the_owner_is_told(pages: Pages) -> None:
    await failed(pages, 1)
    await signed_in(pages)
    (delivery,) = re.findall(r'name="delivery" value="(\d+)"', await page(pages, LOG))
    (endpoint,) = await Endpoints(pages.store.driver).of_device(int(DEVICE, 16))
    await pages.store.driver.transact(pause(endpoint.id))
    preview = await page(pages, f"{OVERVIEW}/replay?delivery={delivery}")
    assert "Nothing is sent to hooks.example.com just now." in preview


async def test_sending_again_can_be_stopped_by_its_owner_alone(pages: Pages) -> None:
    await failed(pages, 11)
    await signed_in(pages)
    text = await post(pages, f"{OVERVIEW}/recover", since="2027-01-01", states="dead")
    (replay,) = re.findall(r'name="replay" value="(\d+)"', text)
    await signed_in(pages, OTHER_DEVICE, OTHER_TOKEN)
    path = f"/devices/{OTHER_DEVICE}/recover/cancel"
    async with pages.client.post(path, data={"replay": replay}) as answer:
        assert answer.status == 404
    assert "Stopped." in await post(pages, f"{OVERVIEW}/recover/cancel", replay=replay)
    assert "It had ended already." in await post(pages, f"{OVERVIEW}/recover/cancel", replay=replay)
    (order,) = await Replays(pages.store.driver).of_device(int(DEVICE, 16), 5)
    assert order.state == "cancelled"


async def test_a_day_that_is_none_is_asked_for_again(pages: Pages) -> None:
    await signed_in(pages)
    for query in ("since=soon", "since=0001-01-01", "since=2026-02-31", "since=2026-01-01&states=lost", ""):
        assert "Choose the day" in await page(pages, f"{OVERVIEW}/recover?{query}"), query
    assert "Choose the day" in await post(pages, f"{OVERVIEW}/recover", since="9999-12-31")
