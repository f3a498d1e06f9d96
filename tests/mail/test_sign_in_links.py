"""Signing in by a link that is mailed to the address on record."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from relay.domain.tries import DEVICE_LIMIT
from tests.mail.letterbox import SMTP, Letterbox
from tests.pages import DEVICE, EMAIL, OTHER_DEVICE, Pages, serve_pages

OVERVIEW = f"/devices/{DEVICE}"


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    async with serve_pages(tmp_path, smtp=SMTP) as pages:
        yield pages


@pytest.fixture
async def letterbox(pages: Pages, authority: trustme.CA) -> Letterbox:
    return Letterbox(pages, authority)


async def ask(pages: Pages, device: str = DEVICE, email: str = EMAIL) -> tuple[int, str]:
    """Ask for a link; the answer's status and where it leads."""
    fields = {"device_id": device, "email": email}
    async with pages.client.post("/signin/link", data=fields, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", "")


async def is_signed_in(pages: Pages) -> bool:
    async with pages.client.get(OVERVIEW, allow_redirects=False) as answer:
        return answer.status == 200


async def test_the_link_signs_in_once_and_only_by_its_button(pages: Pages, letterbox: Letterbox) -> None:
    assert await ask(pages, email=EMAIL.upper()) == (303, "/signin/link/sent")
    (link,) = await letterbox.links()
    for _ in range(2):  # a mail scanner looks as well
        async with pages.client.get(link) as page:
            assert "Sign in?" in await page.text()
    assert not await is_signed_in(pages)
    async with pages.client.post(link, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, OVERVIEW)
    assert await is_signed_in(pages)
    async with pages.client.post(link) as again:
        assert again.status == 404
        assert "works for 15 minutes" in await again.text()


async def test_the_link_ends_after_a_quarter_of_an_hour(pages: Pages, letterbox: Letterbox) -> None:
    await ask(pages)
    (link,) = await letterbox.links()
    pages.world.now += 15 * 60 + 1
    async with pages.client.post(link) as answer:
        assert answer.status == 404
    assert not await is_signed_in(pages)


@pytest.mark.parametrize(
    ("device", "email"), [(DEVICE, "other@example.com"), ("FFFF", EMAIL), (OTHER_DEVICE, EMAIL)]
)
async def test_strangers_get_the_same_answer_and_no_mail(
    pages: Pages, letterbox: Letterbox, device: str, email: str
) -> None:
    assert await ask(pages, device, email) == (303, "/signin/link/sent")
    assert await letterbox.links() == []


async def test_guessing_addresses_is_limited(pages: Pages) -> None:
    for number in range(DEVICE_LIMIT.tries):
        assert (await ask(pages, email=f"guess{number}@example.com"))[0] == 303
    assert (await ask(pages, email="guess@example.com"))[0] == 429


async def test_a_device_gets_few_such_mails_an_hour(pages: Pages, letterbox: Letterbox) -> None:
    for _ in range(7):
        assert (await ask(pages))[0] == 303
    assert len(await letterbox.links()) == 5


async def test_what_is_no_address_is_said(pages: Pages) -> None:
    assert (await ask(pages, device="", email="nobody"))[0] == 422
