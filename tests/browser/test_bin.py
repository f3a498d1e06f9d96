"""A request bin in a real browser: what comes is shown by itself."""

import aiohttp
from playwright.async_api import Browser, expect

from relay.domain.own_bin import BIN_PATH, inbox_of
from tests.browser.looking import Reader, check, looking
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
