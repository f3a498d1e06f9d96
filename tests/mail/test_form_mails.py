"""Which mails the form gives rise to."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.forms.test_bad_form import BEFORE, CASES, fields_of, fill, send
from tests.mail.letterbox import SMTP, Letterbox
from tests.mail.server import Arrived
from tests.pages import EMAIL, FIELDS, PUBLIC_URL, TOKEN, Pages, serve_pages

WITH_MAILS = [case for case in CASES if {"mail_to", "mail_must_not_contain"} & set(case["expect"])]
SINGLE = [case for case in CASES if "repeat" not in case["expect"] and "parallel" not in case["expect"]]


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    async with serve_pages(tmp_path, smtp=SMTP) as pages:
        yield pages


@pytest.fixture
async def letterbox(pages: Pages, authority: trustme.CA) -> Letterbox:
    return Letterbox(pages, authority)


def as_read(mails: list[Arrived]) -> str:
    return "\n".join(f"{mail.message.as_string()}\n{mail.message['Subject']}\n{mail.text}" for mail in mails)


@pytest.mark.parametrize("registered", [False, True])
@pytest.mark.parametrize("case", WITH_MAILS, ids=lambda case: case["name"])
async def test_mails_are_what_the_case_says(
    case: dict[str, Any], registered: bool, pages: Pages, letterbox: Letterbox
) -> None:
    if registered:
        await pages.bind(BEFORE, "before.example.com")
        await letterbox.empty()
    await send(pages, case)
    mails = await letterbox.empty()
    expect = case["expect"]
    recipients = [fill(address) for address in expect.get("mail_to", [EMAIL])]
    assert [mail.recipients for mail in mails] == [[address] for address in recipients]
    found = [fill(part) for part in expect.get("mail_must_not_contain", []) if fill(part) in as_read(mails)]
    assert found == []


@pytest.mark.parametrize("case", SINGLE, ids=lambda case: case["name"])
async def test_mails_go_only_when_something_changed_and_hold_no_secret(
    case: dict[str, Any], pages: Pages, letterbox: Letterbox
) -> None:
    url = dict(fields_of(case))["webhook_url"] if case["name"] == "ok_same_again" else BEFORE
    await pages.bind(url, "before.example.com")
    await letterbox.empty()
    await send(pages, case)
    mails = await letterbox.empty()
    assert bool(mails) is (await pages.bound_url() not in (url, None))  # None: erased, with nobody to tell
    assert not [part for part in (TOKEN, "whsec_", "?", "SEKRET") if part in _without_links(mails)]


def _without_links(mails: list[Arrived]) -> str:
    lines = [line for mail in mails for line in mail.text.splitlines()]
    return "\n".join(
        line for line in lines if not line.startswith(f"{PUBLIC_URL}/links/") and "you?" not in line
    ).replace("Questions?", "")


async def test_the_mail_speaks_the_language_of_the_form(pages: Pages, letterbox: Letterbox) -> None:
    await pages.client.post("/form?lang=cs", data=FIELDS)
    (mail,) = await letterbox.empty()
    assert mail.message["Subject"] == "Zařízení 1A2B3C je zaregistrováno"
    assert mail.message["Content-Language"] == "cs"


async def test_many_changes_are_at_most_five_mails_and_the_first_undoes_them_all(
    pages: Pages, letterbox: Letterbox, caplog: pytest.LogCaptureFixture
) -> None:
    await pages.client.post("/form", data=FIELDS)
    for number in range(12):
        url = f"https://evil{number}.example.net/"
        await pages.client.post("/form", data={**FIELDS, "webhook_url": url})
        pages.world.now += 1
    mails = await letterbox.empty()
    assert len(mails) == 5
    assert [record.getMessage() for record in caplog.records].count("mail.limited") == 8
    (link,) = [line for line in mails[1].text.splitlines() if "/links/" in line]
    await pages.client.post(link[link.index("/links/") :])
    assert await pages.bound_url() == FIELDS["webhook_url"]


async def test_without_a_mail_server_the_form_works_as_ever(tmp_path: Path) -> None:
    async with serve_pages(tmp_path) as pages:
        answer = await pages.client.post("/form", data=FIELDS, allow_redirects=False)
        assert answer.status == 303
