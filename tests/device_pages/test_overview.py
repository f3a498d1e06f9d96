"""The overview says how a device fares, and has a button for what there is to do."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from relay.domain.activity import Action, Actor, Deed, Doer
from relay.domain.delivery import Cause
from relay.domain.device_status import (
    DeviceFacts,
    EndpointFacts,
    StatusWord,
    device_status,
)
from relay.domain.endpoint import EndpointState
from relay.domain.health import DEFAULT_POLICY, Health
from relay.domain.verdict import Dead, Held
from relay.store.endpoints import Endpoints
from tests.device_pages.owner import FAILED, MESSAGES, NOW, OVERVIEW, accept, page, post, settle, signed_in
from tests.pages import DEVICE, EMAIL, OTHER_DEVICE, OTHER_TOKEN, Pages, serve_pages

NOW_MS = 1_800_000_000_000
HEALTHY = EndpointFacts(id=1, host="a.example", health=Health(state=EndpointState.ACTIVE))
USUAL = DeviceFacts(
    endpoints=[HEALTHY], last_at_ms=NOW_MS - 1000, silent_after_seconds=3600.0, usual_pause_seconds=600.0
)


def endpoint(state: EndpointState, failures: int = 0) -> EndpointFacts:
    return replace(HEALTHY, health=Health(state=state, failures=failures, cause=Cause.DNS))


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        (USUAL, StatusWord.OK),
        (replace(USUAL, endpoints=[]), StatusWord.NO_WEBHOOK),
        (replace(USUAL, last_at_ms=None), StatusWord.NEW),
        (replace(USUAL, last_at_ms=NOW_MS - 3_600_001), StatusWord.SILENT),
        (replace(USUAL, last_at_ms=1, silent_after_seconds=None), StatusWord.OK),
        (replace(USUAL, endpoints=[endpoint(EndpointState.ACTIVE, 3)]), StatusWord.RETRYING),
        (replace(USUAL, endpoints=[HEALTHY, endpoint(EndpointState.FAILING, 10)]), StatusWord.FAILING),
        (replace(USUAL, endpoints=[endpoint(EndpointState.SUSPENDED, 10)]), StatusWord.STOPPED),
        (
            replace(USUAL, endpoints=[endpoint(EndpointState.SUSPENDED, 10), endpoint(EndpointState.PAUSED)]),
            StatusWord.OFF,
        ),
    ],
)
def test_the_first_word_that_applies_is_said(facts: DeviceFacts, word: StatusWord) -> None:
    assert device_status(facts, NOW_MS).word is word


async def bound(pages: Pages) -> int:
    await pages.bind("https://hooks.example.com/in", "hooks.example.com")
    (one,) = await Endpoints(pages.store.driver).of_device(int(DEVICE, 16))
    return one.id


async def test_an_owner_pauses_and_resumes(pages: Pages) -> None:
    endpoint_id = await bound(pages)
    await signed_in(pages)
    assert "Waiting for the first message" in await page(pages, OVERVIEW)
    assert "Deliveries are paused" in await post(pages, f"{OVERVIEW}/pause", endpoint=str(endpoint_id))
    paused = await page(pages, OVERVIEW)
    assert "You paused the deliveries to hooks.example.com" in paused
    assert "Deliveries are paused" not in paused  # it is said once
    assert "Deliveries go on" in await post(
        pages, f"{OVERVIEW}/resume", endpoint=str(endpoint_id), backlog="all"
    )


async def test_a_test_message_tells_what_came_of_it(pages: Pages) -> None:
    endpoint_id = await bound(pages)
    await signed_in(pages)
    assert "answered 204 in 85" in await post(pages, f"{OVERVIEW}/test", endpoint=str(endpoint_id))
    pages.world.outcome = structs.replace(pages.world.outcome, status=None, cause=Cause.DNS)
    assert "hooks.example.com does not exist" in await post(
        pages, f"{OVERVIEW}/test", endpoint=str(endpoint_id)
    )


async def test_nobody_acts_on_anothers_endpoint(pages: Pages) -> None:
    await pages.store.bind_endpoint(
        device=int(OTHER_DEVICE, 16),
        url="https://b.example/",
        host="b.example",
        email=EMAIL,
        language="en",
        now_ms=0,
    )
    (foreign,) = await Endpoints(pages.store.driver).of_device(int(OTHER_DEVICE, 16))
    await signed_in(pages)
    for action in ("pause", "resume", "test", "send-now"):
        async with pages.client.post(f"{OVERVIEW}/{action}", data={"endpoint": str(foreign.id)}) as answer:
            assert answer.status == 404
    assert pages.world.tried == []


async def test_a_webhook_that_fails_is_tried_with_one_message_at_a_time(pages: Pages) -> None:
    await bound(pages)
    for number in range(DEFAULT_POLICY.close_after_failures):
        accepted = await accept(pages, seq_number=number)
        await settle(pages, accepted.deliveries[0], Held(Cause.SERVER_ERROR), **FAILED)
    await signed_in(pages)
    text = " ".join((await page(pages, OVERVIEW)).split())
    assert "Failing" in text
    assert "hooks.example.com takes no messages, so we try only one at a time." in text
    assert (
        "Answered 500 Internal Server Error: something went wrong on your server. 10 messages wait." in text
    )
    assert "We try one message:" in text


async def test_a_pause_says_since_when_and_who_paused(pages: Pages) -> None:
    endpoint_id = await bound(pages)
    await signed_in(pages)
    await post(pages, f"{OVERVIEW}/pause", endpoint=str(endpoint_id))
    assert "You paused the deliveries" in await page(pages, OVERVIEW)
    assert 'Since <time datetime="2027-01-15T08:00:00Z"' in await page(pages, OVERVIEW)
    operator = Deed(
        device=int(DEVICE, 16),
        doer=Doer(actor=Actor.OPERATOR),
        action=Action.PAUSED,
        at_ms=NOW_MS,
        facts={"host": "hooks.example.com"},
    )
    await Endpoints(pages.store.driver).pause(endpoint_id, operator)
    assert "The operator paused the deliveries to hooks.example.com." in await page(pages, OVERVIEW)


async def test_what_was_done_once_stays_done_on_a_quiet_day(pages: Pages) -> None:
    await bound(pages)
    accepted = await accept(pages, time=NOW - 3 * 86_400)
    await settle(pages, accepted.deliveries[0])
    await signed_in(pages)
    text = " ".join((await page(pages, OVERVIEW)).split())
    assert 'Your server takes a message <span class="unseen">(done)' in text
    assert 'Say what the bytes mean</a> <span class="unseen">(to do)' in text
    assert "gets a mail" not in text  # there is no mail server


async def test_who_has_no_address_is_told_to_name_one(tmp_path: Path) -> None:
    async with serve_pages(tmp_path, smtp={"host": "mail.example", "from": "relay@example.org"}) as pages:
        await signed_in(pages, OTHER_DEVICE, OTHER_TOKEN)
        text = " ".join((await page(pages, f"/devices/{OTHER_DEVICE}")).split())
        assert 'Say who gets a mail when something goes wrong</a> <span class="unseen">(to do)' in text
        await signed_in(pages)
        assert 'goes wrong <span class="unseen">(done)' in " ".join((await page(pages, OVERVIEW)).split())


async def test_what_is_on_the_way_is_not_called_delivered(pages: Pages) -> None:
    await bound(pages)
    accepted = await accept(pages)
    await signed_in(pages)
    assert "1 message is on the way." in await page(pages, OVERVIEW)
    await settle(pages, accepted.deliveries[0])
    assert "All messages delivered." in await page(pages, OVERVIEW)


async def test_the_strip_tells_by_shape_and_by_word_what_became_of_messages(pages: Pages) -> None:
    await bound(pages)
    await settle(pages, (await accept(pages, seq_number=1)).deliveries[0])
    await settle(
        pages,
        (await accept(pages, seq_number=2, time=NOW - 3600)).deliveries[0],
        Dead(Cause.DNS),
        **FAILED,
    )
    await signed_in(pages)
    text = await page(pages, OVERVIEW)
    strip = text.partition('<svg class="bars"')[2].partition("</svg>")[0]
    assert strip.count("<g>") == 48
    assert [strip.count(f'class="bar {word}"') for word in ("delivered", "failed", "none")] == [1, 2, 46]
    keys = text.partition('<ul class="bar-keys">')[2].partition("</ul>")[0]
    assert re.findall(r"</span> (\w+)</span> (\d+)", keys) == [("Delivered", "1"), ("Failed", "1")]


async def test_every_page_tells_the_last_message_and_the_time_zone(pages: Pages) -> None:
    await signed_in(pages)
    assert 'class="last"' not in await page(pages, MESSAGES)
    await accept(pages, time=NOW - 600)
    text = " ".join((await page(pages, f"{OVERVIEW}/map?lang=cs")).split())
    assert 'poslední zpráva <span class="ago"' in text
    assert f'<a href="{OVERVIEW}/settings#time_zone">Změnit</a>' in text
