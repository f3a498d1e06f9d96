"""The form as a reader meets it."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from relay.domain.delivery import Cause, Outcome
from relay.store.activity import read_activity
from tests.pages import DEVICE, FIELDS, OTHER_DEVICE, OTHER_TOKEN, Pages, serve_pages

LABELS = ["Device ID (ID zařízení)", "Token", "E-mail", "Webhook URL"]


class Parts(HTMLParser):
    """What a page is made of."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.labels: set[str] = set()
        self.inputs: dict[str, dict[str, str | None]] = {}
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        self.ids += [given["id"] or ""] if "id" in given else []
        if tag == "label":
            self.labels.add(given["for"] or "")
        if tag == "input":
            self.inputs[given["name"] or ""] = given
        assert not any(name.startswith("on") or name == "style" for name in given), "refused by our own CSP"


@pytest.mark.parametrize("language", ["cs", "en"])
async def test_keeps_the_words_of_the_old_form(pages: Pages, language: str) -> None:
    page = await (await pages.client.get(f"/form?lang={language}")).text()
    for label in LABELS:
        assert f">{label}</label>" in page


@pytest.mark.parametrize("path", ["/", "/form", "/form/done", "/nowhere"])
@pytest.mark.parametrize("language", ["cs", "en"])
async def test_pages_are_well_formed(pages: Pages, path: str, language: str) -> None:
    page = await (await pages.client.get(f"{path}?lang={language}")).text()
    parts = Parts(page)
    assert f'<html lang="{language}"' in page
    assert parts.tags.count("h1") == parts.tags.count("main") == 1
    assert len(parts.ids) == len(set(parts.ids))
    assert set(parts.inputs) == parts.labels
    assert not re.search(r'(?:src|srcset|<link[^>]+href)="(?!/static/)', page)
    assert "<script>" not in page


async def test_head_is_answered_like_get(pages: Pages) -> None:
    assert (await pages.client.head("/form")).status == 200


async def test_saving_leads_to_the_next_page(pages: Pages) -> None:
    answer = await pages.client.post("/form", data=FIELDS, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/form/done")
    assert await pages.bound_url() == FIELDS["webhook_url"]
    assert pages.world.tried == []


async def test_sending_again_changes_the_url(pages: Pages) -> None:
    for url in ("https://one.example.com/", "https://two.example.com/"):
        await pages.client.post("/form", data={**FIELDS, "webhook_url": url})
        assert await pages.bound_url() == url


async def test_a_device_without_order_email_takes_any(pages: Pages) -> None:
    fields = {**FIELDS, "device_id": OTHER_DEVICE, "token": OTHER_TOKEN, "email": "anybody@example.net"}
    await pages.client.post("/form", data=fields)
    assert await pages.bound_url(OTHER_DEVICE) == FIELDS["webhook_url"]
    device = await pages.store.find_device(int(OTHER_DEVICE, 16))
    assert device is not None
    assert device.contact_email == "anybody@example.net"


async def test_the_language_of_the_form_becomes_the_owners(pages: Pages) -> None:
    await pages.client.post("/form?lang=cs", data=FIELDS)
    device = await pages.store.find_device(int(DEVICE, 16))
    assert device is not None
    assert device.language == "cs"


async def test_entered_values_stay_after_an_error(pages: Pages) -> None:
    fields = {**FIELDS, "webhook_url": 'https://h.example.com:25/?a="><b>'}
    answer = await pages.client.post("/form", data=fields)
    inputs = Parts(await answer.text()).inputs
    assert {name: inputs[name]["value"] for name in fields} == fields
    assert "checked" not in inputs["send_test"]
    assert answer.headers["Cache-Control"] == "no-store"


async def test_the_box_stays_ticked_after_an_error(pages: Pages) -> None:
    answer = await pages.client.post("/form", data={"send_test": "on"})
    assert "checked" in Parts(await answer.text()).inputs["send_test"]


async def test_errors_lead_to_their_fields(pages: Pages) -> None:
    answer = await pages.client.post("/form", data={**FIELDS, "device_id": "1A2B3C4D5", "token": ""})
    page = await answer.text()
    inputs = Parts(page).inputs
    assert answer.status == 422
    assert "<title>Error: " in page
    assert 'role="alert" tabindex="-1" autofocus' in page
    assert page.count("You entered 9.") == 2
    for name in ("device_id", "token"):
        assert f'<a href="#{name}">' in page
        assert inputs[name]["aria-invalid"] == "true"
        assert f"{name}-error" in (inputs[name]["aria-describedby"] or "")
    assert "aria-invalid" not in inputs["email"]


async def test_a_wrong_token_names_whom_to_ask(tmp_path: Path) -> None:
    async with serve_pages(tmp_path, ui={"default_language": "en", "contact": "help@example.cz"}) as pages:
        answer = await pages.client.post("/form", data={**FIELDS, "token": "wrong"})
        page = await answer.text()
    assert answer.status == 422
    assert "or ask help@example.cz." in page
    assert page.count("pair-error") == 4


async def test_the_form_tests_only_when_asked(pages: Pages) -> None:
    await pages.client.post("/form", data={**FIELDS, "send_test": "on"})
    assert pages.world.tried == [FIELDS["webhook_url"]]


async def test_a_failed_test_keeps_what_was_saved(pages: Pages) -> None:
    pages.world.outcome = Outcome(status=None, cause=Cause.REFUSED, at_ms=0, duration_ms=3)
    answer = await pages.client.post("/form", data={**FIELDS, "send_test": "on"})
    page = await answer.text()
    assert "Nothing listens on hooks.example.com" in page
    assert "We saved the settings anyway." in page
    assert await pages.bound_url() == FIELDS["webhook_url"]


async def test_what_the_form_changes_stands_in_the_activity_of_the_device(pages: Pages) -> None:
    await pages.client.post("/form", data=FIELDS)
    await pages.client.post("/form", data=FIELDS)  # the same again changes nothing
    await pages.client.post("/form", data={**FIELDS, "webhook_url": "https://new.example.net/"})
    entries = await pages.store.driver.transact(read_activity(int(DEVICE, 16)))
    done = [(entry.actor, entry.action) for entry in reversed(entries) if entry.action != "signed_in"]
    assert done == [("owner", "registered"), ("owner", "url_changed")]
    assert entries[-1].facts == {"host": "hooks.example.com"}
    assert {entry.address for entry in entries} == {"127.0.0.1"}
