"""A request bin in a real browser: what comes is shown by itself."""

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from relay.domain.own_bin import BIN_PATH, inbox_of
from relay.store import bins
from tests.browser.looking import PHONE_DARK, Reader, check, looking
from tests.browser.story import Story


async def test_what_comes_is_shown_by_itself_and_can_be_copied(browser: Browser, story: Story) -> None:
    async with (
        looking(browser, story.origin, Reader(), story.session_token) as look,
        aiohttp.ClientSession() as sender,
    ):
        page = look.page
        await look.go("/bin")
        await page.get_by_role("button", name="Make an address").click()
        await expect(page.get_by_text("Waiting for the first request")).to_be_visible()
        inbox = f"{look.origin}{BIN_PATH}{inbox_of(page.url.rpartition('/')[2])}"
        await page.get_by_label("Check the signatures").fill("whsec_being typed")
        for said in ("first of all", "second of all"):
            async with sender.post(inbox, data=said) as answer:
                assert answer.status == 200
            await expect(page.get_by_text(said)).to_be_visible()
        await expect(page.get_by_text("Waiting for the first request")).to_have_count(0)
        await expect(page.get_by_label("Check the signatures")).to_have_value("whsec_being typed")
        await expect(page.locator("#caught [data-copy]").first).to_be_visible()
        await check(look, "bin-caught")


async def test_where_no_bin_can_be_made_the_page_says_so(
    browser: Browser, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bins, "MOST_BINS", 0)
    async with looking(browser, story.origin, Reader(language="cs", view=PHONE_DARK)) as look:
        await look.go("/bin")
        await look.page.get_by_role("button", name="Vytvořit adresu").click()
        await expect(look.page.get_by_role("heading", level=1)).not_to_have_text("Schránka na požadavky")
        look.forgive_status()
        await check(look, "bins-full")
