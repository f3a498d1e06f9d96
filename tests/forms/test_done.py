"""The page after the form."""

import html
import json
import re
import time

from standardwebhooks import Webhook

from relay.domain.delivery import Cause, Outcome
from tests.pages import FIELDS, Pages

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]{44}")


async def register(pages: Pages, **changed: str) -> str:
    answer = await pages.client.post("/form", data={**FIELDS, **changed})
    assert answer.headers["Cache-Control"] == "no-store"
    return await answer.text()


async def look_again(pages: Pages) -> str:
    return await (await pages.client.get("/form/done")).text()


def text_of(page: str, element: str) -> str:
    found = re.search(rf'<code id="{element}">(.*?)</code>', page, re.DOTALL)
    assert found
    return html.unescape(found[1])


async def test_the_secret_is_shown_once(pages: Pages) -> None:
    first, second = await register(pages), await look_again(pages)
    assert len(set(SECRET.findall(first))) == 1
    assert SECRET.findall(second) == []
    assert "The secret is shown once." in second


async def test_head_does_not_use_up_the_look_at_the_secret(pages: Pages) -> None:
    await pages.client.post("/form", data=FIELDS, allow_redirects=False)
    assert (await pages.client.head("/form/done")).status == 405
    assert SECRET.search(await look_again(pages))


async def test_the_sample_is_what_receivers_will_verify(pages: Pages) -> None:
    pages.world.now = time.time()
    page = await register(pages)
    headers = dict(line.split(": ", 1) for line in text_of(page, "headers").splitlines())
    body = text_of(page, "body")
    assert Webhook(text_of(page, "secret")).verify(body, headers) == json.loads(body)
    assert headers["Content-Type"] == "application/json"
    assert list(json.loads(body)) == ["snr", "device", "rssi", "time", "data"]


async def test_a_new_host_gets_a_new_secret_and_a_new_path_does_not(pages: Pages) -> None:
    first = text_of(await register(pages), "secret")
    same_host = await register(pages, webhook_url="https://hooks.example.com/other")
    new_host = await register(pages, webhook_url="https://new.example.org/")
    assert SECRET.findall(same_host) == []
    assert text_of(new_host, "secret") != first
    assert "Before, they went to hooks.example.com." in new_host


async def test_the_same_again_says_so(pages: Pages) -> None:
    await register(pages)
    page = await register(pages)
    assert "Device 1A2B3C already sends to this address" in page


async def test_plain_http_is_warned_about(pages: Pages) -> None:
    warned = await register(pages, webhook_url="http://hooks.example.com/")
    calm = await register(pages, webhook_url="https://hooks.example.com/")
    assert "Let’s Encrypt" in warned
    assert "Let’s Encrypt" not in calm


async def test_without_a_receipt_the_page_leads_to_the_form(pages: Pages) -> None:
    answer = await pages.client.get("/form/done")
    assert answer.status == 200
    assert 'href="/form"' in await answer.text()


async def test_a_receipt_ends_when_the_endpoint_changes_again(pages: Pages) -> None:
    await pages.client.post("/form", data=FIELDS, allow_redirects=False)
    await pages.bind("https://elsewhere.example.com/", "elsewhere.example.com")
    page = await look_again(pages)
    assert SECRET.findall(page) == []
    assert "elsewhere" not in page


async def test_a_receipt_ends_after_half_an_hour(pages: Pages) -> None:
    await pages.client.post("/form", data=FIELDS, allow_redirects=False)
    pages.world.now += 1800
    assert SECRET.findall(await look_again(pages)) == []


async def test_the_button_sends_one_test_message(pages: Pages) -> None:
    await register(pages)
    page = await (await pages.client.post("/form/test", data=b"", headers=FORM)).text()
    assert "Your server answered 204 in 85 ms." in page
    again = await look_again(pages)
    assert "Your server answered 204 in 85 ms." in again
    assert pages.world.tried == [FIELDS["webhook_url"]]


async def test_the_button_says_what_went_wrong(pages: Pages) -> None:
    pages.world.outcome = Outcome(
        status=404, cause=Cause.CLIENT_ERROR, at_ms=0, duration_ms=3, answer="<script>alert(1)</script>"
    )
    await register(pages)
    page = await (await pages.client.post("/form/test?lang=cs", data=b"", headers=FORM)).text()
    assert "Zkušební zpráva nebyla doručena." in page
    assert "Odpověděl 404 Not Found." in page
    assert "alert(1)" not in page


async def test_strangers_cannot_send_test_messages(pages: Pages) -> None:
    await pages.client.post("/form/test", data=b"", headers=FORM)
    assert pages.world.tried == []
