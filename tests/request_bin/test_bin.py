"""A bin takes what is sent to it and shows it to whoever has its page's address."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from relay.domain.own_bin import inbox_of
from relay.domain.signing import make_secret, sign
from relay.domain.webhook import webhook_headers
from relay.store.bins import KEPT_SECONDS, MOST_REQUESTS, forget_bins
from tests.device_pages.owner import signed_in
from tests.pages import PUBLIC_URL, Pages, serve_pages

OWN = {"Origin": PUBLIC_URL, "Sec-Fetch-Site": "same-origin"}
SECRET = make_secret(b"0123456789abcdef0123456789abcdef")
BODY = b'{"snr":1.5,"device":"1A2B3C","rssi":-90.0,"time":1800000000,"data":"00ff"}'


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    async with serve_pages(tmp_path) as pages:
        yield pages


async def made(pages: Pages) -> tuple[str, str]:
    """The paths of a new bin's page and of its inbox."""
    answer = await pages.client.post("/bin", data={}, headers=OWN, allow_redirects=False)
    page = answer.headers["Location"]
    return page, "/b/" + inbox_of(page.rpartition("/")[2])


async def text_of(pages: Pages, path: str) -> str:
    answer = await pages.client.get(path)
    assert answer.status == 200
    return await answer.text()


async def test_what_is_sent_is_shown_as_text(pages: Pages) -> None:
    page, inbox = await made(pages)
    assert f"{PUBLIC_URL}{inbox}" in await text_of(pages, page)
    answer = await pages.client.put(
        f"{inbox}?a=%3Cb%3E", data=b"<script>alert(1)</script>", headers={"X-Own": "one"}
    )
    assert answer.status == 200
    text = await text_of(pages, page)
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert(1)" not in text
    assert all(part in text for part in ("PUT", "X-Own: one", "a=%3Cb%3E"))


async def test_the_newest_are_kept_and_the_bin_can_be_emptied(pages: Pages) -> None:
    page, inbox = await made(pages)
    for number in range(MOST_REQUESTS + 5):
        pages.world.now += 1
        assert (await pages.client.post(inbox, data=f"number {number}.")).status == 200
    text = await text_of(pages, page)
    assert ("number 4." in text, "number 5." in text, "number 54." in text) == (False, True, True)
    await pages.client.post(f"{page}/empty", data={}, headers=OWN)
    assert "Waiting for the first request" in await text_of(pages, page)


async def test_its_address_is_carried_to_the_form_and_nothing_else_is(pages: Pages) -> None:
    page, inbox = await made(pages)
    assert f'href="/form?bin={inbox[3:]}"' in await text_of(pages, page)
    assert f'value="{PUBLIC_URL}{inbox}"' in await text_of(pages, f"/form?bin={inbox[3:]}")
    assert 'name="webhook_url" value=""' in await text_of(pages, "/form?bin=https://evil.example/")


async def test_an_owner_makes_it_a_webhook_with_one_button(pages: Pages) -> None:
    page, inbox = await made(pages)
    await signed_in(pages)
    text = await text_of(pages, page)
    action = re.search(r'action="(/devices/\w+/webhook/add)"', text)
    assert action is not None
    answer = await pages.client.post(action[1], data={"url": f"{PUBLIC_URL}{inbox}"}, headers=OWN)
    assert "The webhook is there." in await answer.text()
    assert await pages.bound_url() == f"{PUBLIC_URL}{inbox}"


async def test_too_much_at_once_is_bounded(pages: Pages) -> None:
    page, inbox = await made(pages)
    statuses = [(await pages.client.post(inbox, data=b"x")).status for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    pages.world.now += 1
    assert (await pages.client.post(inbox, data=b"y" * 100_000)).status == 200
    assert "first 16 kB" in await text_of(pages, page)


async def test_the_inbox_does_not_lead_to_the_page(pages: Pages) -> None:
    _, inbox = await made(pages)
    assert (await pages.client.get(f"/bin/{inbox.rpartition('/')[2][:24]}")).status == 404


async def test_it_ends_after_a_week(pages: Pages) -> None:
    page, inbox = await made(pages)
    pages.world.now += KEPT_SECONDS
    assert (await pages.client.get(page)).status == 404
    assert (await pages.client.post(inbox, data=b"x")).status == 404
    assert await pages.store.driver.transact(forget_bins(round(pages.world.now * 1000))) == 1


async def test_signatures_are_judged_with_the_secret(pages: Pages) -> None:
    page, inbox = await made(pages)
    now = int(pages.world.now)
    for signature in (sign(SECRET, "msg_1", now, BODY), sign(SECRET, "msg_1", now, BODY + b" ")):
        await pages.client.post(inbox, data=BODY, headers=webhook_headers("msg_1", now, signature))
    answer = await pages.client.post(f"{page}/check", data={"secret": SECRET}, headers=OWN)
    text = await answer.text()
    assert text.count("The signature is right") == 1
    assert text.count("The signature is another one") == 1
    assert SECRET not in text


async def test_what_is_no_secret_is_refused_at_its_field(pages: Pages) -> None:
    page, inbox = await made(pages)
    await pages.client.post(inbox, data=BODY)
    for wrong in ("", "whsec_", "whpk_x", "my secret"):
        answer = await pages.client.post(f"{page}/check", data={"secret": wrong}, headers=OWN)
        text = await answer.text()
        assert answer.status == 422
        assert '<a href="#secret">This is no secret' in text
        assert text.count("This is no secret") == 2


async def test_nobody_makes_very_many(pages: Pages) -> None:
    statuses = {
        (await pages.client.post("/bin", data={}, headers=OWN, allow_redirects=False)).status
        for _ in range(12)
    }
    assert statuses == {303, 429}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "The signature is right"),
        ({"body": BODY.decode() + "\r\n"}, "The signature is right"),
        ({"secret": make_secret(b"x" * 32)}, "another one"),
        ({"secret": "nonsense"}, "no secret"),
        (
            {"headers": "webhook-id: msg_1"},
            "Missing among the headers: webhook-timestamp, webhook-signature.",
        ),
        ({"body": "{}"}, "another one"),
    ],
)
async def test_a_pasted_webhook_is_judged(pages: Pages, changes: dict[str, str], said: str) -> None:
    now = int(pages.world.now)
    headers = webhook_headers("msg_1", now, sign(SECRET, "msg_1", now, BODY))
    pasted = "\r\n".join(f"{name}: {value}" for name, value in headers.items())
    fields = {"headers": pasted, "body": BODY.decode(), "secret": SECRET, **changes}
    answer = await pages.client.post("/signature", data=fields, headers=OWN)
    found = re.search(r'role="status">(.*?)</p>', await answer.text(), re.DOTALL)
    assert found is not None
    assert said in found[1]


async def test_an_old_message_is_told_from_a_wrong_one(pages: Pages) -> None:
    then = int(pages.world.now) - 3600
    headers = webhook_headers("msg_1", then, sign(SECRET, "msg_1", then, BODY))
    pasted = "\n".join(f"{name}: {value}" for name, value in headers.items())
    answer = await pages.client.post(
        "/signature", data={"headers": pasted, "body": BODY.decode(), "secret": SECRET}, headers=OWN
    )
    assert "more than five minutes" in await answer.text()


async def test_an_open_page_is_told_what_came_since_it_was_made(pages: Pages) -> None:
    page, inbox = await made(pages)
    live = re.search(r'data-news="([^"]+)"', await text_of(pages, page))
    assert live is not None
    await pages.client.post(inbox, data="came before the page listens")
    async with pages.client.get(live[1]) as stream:
        told = await stream.content.readuntil(b"\n\n")
    assert b"event: new\n" in told
    newest = re.search(rb"id: (\d+)", told)
    assert newest is not None
    async with pages.client.get(live[1], headers={"Last-Event-ID": newest[1].decode()}) as stream:
        assert await stream.content.readuntil(b"\n\n") == b": still here\n\n"
    async with pages.client.get("/bin/nobody/live?after=" + "9" * 40) as answer:
        assert answer.status == 404
