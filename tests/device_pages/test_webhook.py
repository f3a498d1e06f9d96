"""The page of webhooks: each thing that an owner may do there, over HTTP."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from relay.domain.delivery import Cause, Outcome
from relay.domain.endpoint import EndpointState
from relay.domain.sample import USUAL_SAMPLE, Sample
from relay.store.activity import read_activity
from relay.store.driver import rows_of
from relay.store.endpoints import Endpoints, EndpointSummary
from tests.device_pages.owner import accept
from tests.pages import DEVICE, OTHER_DEVICE, OTHER_TOKEN, TOKEN, Pages, serve_pages

WEBHOOK = f"/devices/{DEVICE}/webhook"
URL = "https://hooks.example.com/in?key=1"
HOST = "hooks.example.com"
FORM = {"do": "save", "url": URL, "format": "classic", "kind-data": "on"}


@pytest.fixture
async def owner(tmp_path: Path) -> AsyncIterator[Pages]:
    """Somebody who is signed in to a device with one webhook; there is a mail server."""
    smtp = {"host": "mail.example", "from": "relay@example.org"}
    async with serve_pages(tmp_path, smtp=smtp) as pages:
        await pages.bind(URL, HOST)
        await pages.client.post("/signin", data={"device_id": DEVICE, "token": TOKEN})
        yield pages


async def get(pages: Pages, path: str, status: int = 200) -> str:
    async with pages.client.get(path) as page:
        assert page.status == status
        return unescape(await page.text())


async def post(pages: Pages, path: str, status: int = 200, **fields: str) -> str:
    """The page to which a post leads, or that it shows."""
    async with pages.client.post(path, data=fields) as page:
        assert page.status == status
        assert status != 200 or page.method == "GET" or "no-store" in page.headers["Cache-Control"]
        return unescape(await page.text())


async def endpoints(pages: Pages) -> list[EndpointSummary]:
    return list(await Endpoints(pages.store.driver).of_device(int(DEVICE, 16)))


async def first(pages: Pages) -> str:
    return f"{WEBHOOK}/{(await endpoints(pages))[0].id}"


async def save(pages: Pages, status: int = 200, **fields: str) -> str:
    return await post(pages, await first(pages), status, **{**FORM, **fields})


async def actions(pages: Pages) -> list[str]:
    """What the activity log tells, oldest first, from the sign-in on."""
    entries = await pages.store.driver.transact(read_activity(int(DEVICE, 16)))
    assert {entry.address for entry in entries} == {"127.0.0.1"}
    return [entry.action for entry in reversed(entries)]


async def mails(pages: Pages) -> list[str]:
    asked = {"device": int(DEVICE, 16), "since_ms": 1, "now_ms": 1}
    rows = await pages.store.driver.transact(rows_of("mails_of_device_since", **asked))
    return [row["can_undo"] for row in rows]


async def test_the_page_shows_the_webhook_its_state_and_what_would_be_sent(owner: Pages) -> None:
    page = await get(owner, WEBHOOK)
    for expected in (
        URL,
        HOST,
        "OK",
        "A sample message would be sent",
        '"data": "aabbccddeeff"',
        "whsec_••••••",
    ):
        assert expected in page


async def test_another_url_is_saved_noted_and_mailed_with_a_link_that_undoes_it(owner: Pages) -> None:
    secret = (await endpoints(owner), await owner.store.find_endpoint((await endpoints(owner))[0].id))[1]
    page = await save(owner, url=" https://new.example.net/x ")
    assert "Messages go to new.example.net" in page
    assert await owner.bound_url() == "https://new.example.net/x"
    after = await owner.store.find_endpoint((await endpoints(owner))[0].id)
    assert after is not None
    assert secret is not None
    assert after.secret != secret.secret
    assert await actions(owner) == ["signed_in", "url_changed"]
    assert await mails(owner) == [1]
    history = page.partition("Where messages went")[2]
    assert f"Pointed the webhook to new.example.net; before, it was {HOST}." in history
    assert "Signed in." not in history
    page = await save(owner, url="https://new.example.net/y")
    assert "Changed the address of the webhook at new.example.net." in page


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "Enter the address of your webhook"),
        ("hooks.example.com", "Start the address with https://"),
        ("https://10.0.0.5/", "not on the public internet"),
        ("https://me:pass@hooks.example.com/", "we took them out"),
    ],
)
async def test_a_wrong_url_is_refused_as_by_the_form(owner: Pages, url: str, sentence: str) -> None:
    for page in (await save(owner, 422, url=url), await post(owner, f"{WEBHOOK}/add", 422, url=url)):
        assert sentence in page
        assert '<a href="#url">' in page
        assert "me:pass" not in page
        assert "<title>Error:" in page
    assert await owner.bound_url() == URL


async def test_a_template_is_previewed_without_being_saved_then_saved(owner: Pages) -> None:
    fields = {
        "format": "template",
        "method": "PUT",
        "content_type": "json",
        "body_template": '{"d": "{data}", "n": {seqNumber}}',
        "header-1": "X-Key",
        "value-1": "s3cret",
        "kind-status": "on",
        "ordered": "on",
        "name": "lab",
    }
    page = await save(owner, 200, **{**fields, "do": "preview"})
    assert f"PUT {URL}" in page
    assert "X-Key: ••••••" in page
    assert '{"d": "aabbccddeeff", "n": null}' in page
    assert await actions(owner) == ["signed_in"]
    page = await save(owner, 200, **fields)
    assert "Saved." in page
    assert "s3cret" not in page
    assert '<span class="breakable">lab</span>' in page
    (summary,) = await endpoints(owner)
    assert summary.ordered
    page = await save(owner, 422, **{**fields, "value-1": "", "body_template": "{nothing}"})
    assert "Column 1: There is no variable {nothing}." in page
    assert "{nothing}</textarea>" in page
    await save(owner, 200, **{**fields, "value-1": ""})  # keeps its value
    stored = await owner.store.find_endpoint(summary.id)
    assert stored is not None
    assert stored.options.headers == (("X-Key", "s3cret"),)


async def test_a_test_sends_the_sample_as_it_was_edited_and_is_no_message(owner: Pages) -> None:
    await post(owner, await first(owner), do="test")
    assert owner.world.samples == [USUAL_SAMPLE]
    edited = {
        "sample-data": "00 FF",
        "sample-rssi": "-99,5",
        "sample-snr": "",
        "sample-time": "2027-01-15T09:00:30",
    }
    owner.world.outcome = Outcome(
        status=500, cause=Cause.SERVER_ERROR, at_ms=0, duration_ms=9, answer="<b>no</b>"
    )
    page = await post(owner, await first(owner), do="test", **edited)
    assert owner.world.samples[1:] == [Sample(data="00ff", rssi=-99.5, snr=None, time=1_800_000_030)]
    assert "The test message did not arrive." in page
    assert "<b>no</b>" in page
    assert 'value="00 FF"' in page
    assert await actions(owner) == ["signed_in", "tested", "tested"]
    (entry, _) = (await owner.store.driver.transact(read_activity(int(DEVICE, 16))))[:2]
    assert entry.facts == {"host": HOST, "data": "00ff", "result": "500"}
    assert await owner.store.uplinks_of_device(int(DEVICE, 16)) == []


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("sample-data", "abc", "Write whole bytes in hex"),
        ("sample-data", "zz", "Write whole bytes in hex"),
        ("sample-data", "00" * 13, "at most 12 bytes"),
        ("sample-rssi", "loud", "Write a number of dBm"),
        ("sample-snr", "nan", "Write a number of dB such as"),
        ("sample-snr", "1e9", "Write a number of dB such as"),
        ("sample-time", "yesterday", "Write a time such as"),
        ("sample-time", "9" * 30, "Write a time such as"),
    ],
)
async def test_a_wrong_sample_is_not_sent(owner: Pages, field: str, text: str, sentence: str) -> None:
    page = await post(owner, await first(owner), 422, do="test", **{field: text})
    assert f'<a href="#{field}">' in page
    assert sentence in page
    assert f'value="{text}"' in page
    assert owner.world.tried == []


async def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(owner: Pages) -> None:
    page = await post(
        owner,
        await first(owner),
        422,
        **{"do": "save", "url": URL, "format": "full", "header-1": "Host", "value-1": "typed"},
    )
    assert "The relay itself decides about Host." in page
    assert "Choose at least one kind." in page
    assert 'value="typed"' in page
    headers = {"header-1": "X-A", "header-2": "b d", "value-2": "x", "header-3": "X-C", "value-3": "č"}
    page = await save(owner, 422, name="x" * 61, **headers)
    told = {
        "name": "A name has at most 60",
        "value-1": "Enter the value of X-A.",
        "header-2": "b d is no name",
    }
    fields = re.findall(r'<li><a href="#([a-z0-9-]+)">', page)
    assert fields == ["name", "value-1", "header-2", "value-3"]
    for field, sentence in {**told, "value-3": "The value of X-C"}.items():
        assert f'<a href="#{field}">{sentence}' in page
        assert f'id="{field}-error"' in page
    for wrong in ({"format": "xml"}, {"do": "explode"}):
        await save(owner, 400, **wrong)


async def test_a_test_message_tells_its_result(owner: Pages) -> None:
    assert "Your server answered 204 in 85 ms." in await save(owner, do="test")
    owner.world.outcome = Outcome(status=404, cause=Cause.CLIENT_ERROR, at_ms=0, duration_ms=3)
    page = await save(owner, do="test")
    assert "did not arrive" in page
    assert "Answered 404 Not Found." in page
    owner.world.outcome = Outcome(status=None, cause=Cause.READ_TIMEOUT, at_ms=0, duration_ms=3)
    assert "Your server may have processed the message." in await save(owner, do="test")
    assert "result: No answer in time." in await get(owner, f"/devices/{DEVICE}/settings")
    assert owner.world.tried == [URL] * 3


async def test_pausing_holds_and_resuming_asks_what_to_do_with_what_is_held(owner: Pages) -> None:
    page = await save(owner, do="pause")
    assert "Paused by you." in page
    assert (await endpoints(owner))[0].health.state is EndpointState.PAUSED
    await save(owner, 400, do="resume", backlog="some")
    assert "Messages are sent again." in await save(owner, do="resume", backlog="discard")
    assert (await endpoints(owner))[0].health.state is EndpointState.ACTIVE
    assert await actions(owner) == ["signed_in", "paused", "resumed"]


async def test_what_is_held_is_counted_in_each_choice(owner: Pages) -> None:
    await save(owner, do="pause")
    for number, choices in enumerate(
        (
            ["Send 1 message", "Give 1 message up"],
            ["Send all 2, oldest first", "Send only the newest, give 1 up", "Give all 2 up"],
        )
    ):
        await accept(owner, seq_number=number)
        page = await get(owner, WEBHOOK)
        assert re.findall(r'<label for="backlog[^"]*">(.*?)</label>', page) == choices
    page = await save(owner, do="resume", backlog="newest")
    assert "1 held message was given up; it stays listed." in page


async def test_the_secret_is_shown_when_asked_for_and_only_then(owner: Pages) -> None:
    endpoint = await owner.store.find_endpoint((await endpoints(owner))[0].id)
    assert endpoint is not None
    assert endpoint.secret not in await get(owner, WEBHOOK)
    assert endpoint.secret not in await get(owner, WEBHOOK)
    revealed = await save(owner, do="reveal")
    assert endpoint.secret in revealed
    assert 'data-hide-after="60"' in revealed
    assert endpoint.secret not in await get(owner, WEBHOOK)
    page = await save(owner, do="rotate")
    assert "The old secret signs as well until" in page
    assert "only the newest two sign" in page
    after = await owner.store.find_endpoint(endpoint.id)
    assert after is not None
    assert after == replace(
        endpoint,
        secret=after.secret,
        previous_secret=endpoint.secret,
        previous_secret_until_ms=after.previous_secret_until_ms,
        revision=after.revision,
    )
    assert await actions(owner) == ["signed_in", "secret_revealed", "secret_rotated"]


async def test_a_device_has_several_webhooks_up_to_a_number(owner: Pages) -> None:
    for number in range(2, 6):
        page = await post(owner, f"{WEBHOOK}/add", url=f"https://h{number}.example.net/")
        assert f"{number}. h{number}.example.net" in page
    assert "the most it may" in await post(owner, f"{WEBHOOK}/add", 422, url="https://h6.example.net/")
    last = (await endpoints(owner))[-1].id
    assert "Nothing more is sent to h5.example.net" in await get(owner, f"{WEBHOOK}/{last}/remove")
    assert "The webhook is removed." in await post(owner, f"{WEBHOOK}/{last}/remove")
    assert len(await endpoints(owner)) == 4
    await get(owner, f"{WEBHOOK}/{last}", 404)
    assert len(await mails(owner)) == 4


async def test_without_a_webhook_the_page_asks_for_one(owner: Pages) -> None:
    await post(owner, f"{await first(owner)}/remove")
    assert "go nowhere yet" in await get(owner, WEBHOOK)
    assert "The webhook is there." in await post(owner, f"{WEBHOOK}/add", url=URL)


async def test_the_webhook_of_another_device_cannot_be_reached(owner: Pages) -> None:
    own = (await endpoints(owner))[0].id
    await owner.client.post("/signin", data={"device_id": OTHER_DEVICE, "token": OTHER_TOKEN})
    for path in (f"/devices/{OTHER_DEVICE}/webhook/{own}", f"/devices/{OTHER_DEVICE}/webhook/{own}/remove"):
        await get(owner, path, 404)
        await post(owner, path, 404, **FORM)
    assert len(await endpoints(owner)) == 1
