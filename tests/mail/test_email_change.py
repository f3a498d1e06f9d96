"""Another e-mail address is used once its reader has confirmed it."""

from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest
import trustme

from relay.store.activity import read_activity
from relay.store.mailing import Mailbox
from relay.store.outbox import MailState
from tests.mail.letterbox import SMTP, Letterbox
from tests.pages import DEVICE, EMAIL, TOKEN, Pages, serve_pages

SETTINGS = f"/devices/{DEVICE}/settings"
NEW = "new@example.net"
HOUR = 3600


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    async with serve_pages(tmp_path, smtp=SMTP) as pages:
        await pages.bind("https://hooks.example.com/", "hooks.example.com")
        await pages.client.post("/signin", data={"device_id": DEVICE, "token": TOKEN})
        yield pages


@pytest.fixture
async def letterbox(pages: Pages, authority: trustme.CA) -> Letterbox:
    return Letterbox(pages, authority)


async def post(pages: Pages, path: str = SETTINGS, status: int = 200, **fields: str) -> str:
    async with pages.client.post(path, data=fields) as answer:
        assert answer.status == status
        return unescape(await answer.text())


async def get(pages: Pages, path: str = SETTINGS, status: int = 200) -> str:
    async with pages.client.get(path) as answer:
        assert answer.status == status
        return unescape(await answer.text())


async def ask(pages: Pages, email: str = NEW, status: int = 200) -> str:
    return await post(pages, do="email", email=email, status=status)


async def contact(pages: Pages) -> str:
    device = await pages.store.find_device(int(DEVICE, 16))
    assert device is not None
    return device.contact_email


async def link_to(letterbox: Letterbox, recipient: str) -> str:
    lines = [
        line
        for mail in await letterbox.empty()
        if mail.recipients == [recipient]
        for line in mail.text.splitlines()
        if "/links/" in line
    ]
    (link,) = lines
    return link[link.index("/links/") :]


async def test_the_old_address_stays_and_is_told_until_the_new_one_confirms(
    pages: Pages, letterbox: Letterbox
) -> None:
    page = await ask(pages)
    assert "We have sent a link to the new address." in page
    assert f"{NEW} is not confirmed yet." in page
    assert f'value="{EMAIL}"' in page
    told = {mail.recipients[0]: " ".join(mail.text.split()) for mail in await letterbox.empty()}
    assert set(told) == {EMAIL, NEW}
    assert "wanted mails about it to go to n***@example.net" in told[EMAIL]
    assert "/links/" not in told[EMAIL]
    link = told[NEW][told[NEW].index("/links/") :].split()[0]
    for _ in range(2):  # a mail scanner looks as well
        assert "Mails about device 1A2B3C will come to n***@example.net." in await get(pages, link)
    assert await contact(pages) == EMAIL
    assert "The address is confirmed" in await post(pages, link)
    assert await contact(pages) == NEW
    entries = await pages.store.driver.transact(read_activity(int(DEVICE, 16)))
    assert [(entry.actor, entry.action) for entry in entries] == [
        ("link", "email_changed"),
        ("owner", "email_asked"),
        ("owner", "signed_in"),
    ]
    page = await get(pages)
    assert "Link in a mail" in page
    assert "is not confirmed yet" not in page
    assert f'value="{NEW}"' in page
    await get(pages, link, 404)
    await post(pages, link, 404)
    undo = await link_to(letterbox, EMAIL)  # the old address is told again, and can undo it
    await post(pages, undo)
    assert await contact(pages) == EMAIL


@pytest.mark.parametrize(("hours", "status"), [(71.99, 200), (72, 404)])
async def test_the_link_ends_after_three_days(
    pages: Pages, letterbox: Letterbox, hours: float, status: int
) -> None:
    await ask(pages)
    link = await link_to(letterbox, NEW)
    pages.world.now += hours * HOUR
    await post(pages, link, status)
    assert await contact(pages) == (NEW if status == 200 else EMAIL)


async def test_only_the_last_link_counts_and_none_once_it_was_taken_back(
    pages: Pages, letterbox: Letterbox
) -> None:
    await ask(pages, "typo@example.net")
    first = await link_to(letterbox, "typo@example.net")
    await ask(pages)
    second = await link_to(letterbox, NEW)
    await post(pages, first, 404)
    assert "The address stays as it is." in await post(pages, do="keep-email")
    await post(pages, second, 404)
    assert await contact(pages) == EMAIL


async def test_undoing_another_change_and_a_new_token_void_the_link(
    pages: Pages, letterbox: Letterbox
) -> None:
    await ask(pages)
    link = await link_to(letterbox, NEW)
    endpoint = f"/devices/{DEVICE}/webhook"
    page = await get(pages, endpoint)
    path = page[page.index(f'action="{endpoint}/') + 8 :].split('"')[0]
    await post(
        pages, path, do="save", url="https://evil.example.org/", format="classic", **{"kind-data": "on"}
    )
    await post(pages, await link_to(letterbox, EMAIL))
    await post(pages, link, 404)


async def test_the_same_address_and_a_wrong_one_are_said_so(pages: Pages, letterbox: Letterbox) -> None:
    await letterbox.empty()
    assert "Mails go to this address already." in await ask(pages, EMAIL.upper())
    assert "Enter an address like" in await ask(pages, "nobody", status=422)
    assert await letterbox.empty() == []


async def test_beyond_the_mails_of_an_hour_nothing_is_asked(pages: Pages, letterbox: Letterbox) -> None:
    for number in range(2):  # two mails each; the registration was the first one
        await ask(pages, f"{number}@example.net")
    page = await ask(pages, status=422)
    assert "There were too many mails about this device in this hour." in page
    assert f'value="{NEW}"' in page
    assert NEW not in {mail.recipients[0] for mail in await letterbox.empty()}


async def test_without_a_mail_server_the_address_stays_and_both_are_told(tmp_path: Path) -> None:
    async with serve_pages(tmp_path) as pages:
        await pages.client.post("/signin", data={"device_id": DEVICE, "token": TOKEN})
        assert "So the address cannot be changed here." in await get(pages)
        page = await ask(pages, status=422)
        assert "this relay sends no mails, so the new one cannot be confirmed" in page
        assert await contact(pages) == ""
        mailbox = Mailbox(driver=pages.store.driver, vault=pages.store.vault)
        assert [mail.kind for mail in await mailbox.latest(MailState.DEAD)] == ["confirm_email"]
