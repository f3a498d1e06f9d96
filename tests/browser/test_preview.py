"""Previews that keep up with what is typed."""

from playwright.async_api import Browser, expect

from tests.browser.looking import Reader, check, looking
from tests.browser.story import Story
from tests.pages import DEVICE

READER = Reader()


async def test_the_decoder_shows_what_it_makes_of_the_last_messages_and_the_column_of_a_fault(
    browser: Browser, story: Story
) -> None:
    async with looking(browser, story.origin, READER, story.session_token) as look:
        await look.go(f"/devices/{DEVICE}/settings")
        grammar, decoded = look.page.get_by_label("Grammar", exact=True), look.page.locator("#decoded")
        await grammar.fill("first::uint:8")
        await expect(decoded.get_by_text("first 95")).to_be_visible()
        await grammar.fill("first::uint:8 other::xnt:8")
        await expect(decoded.get_by_role("status")).to_contain_text("Column 22: `xnt` is not a type")
        look.forgive_status()
        await check(look, "decoder-typed-wrongly")
        await look.go(f"/devices/{DEVICE}/settings")
        await expect(decoded.get_by_text("first 95")).to_have_count(0)


async def test_a_template_of_a_webhook_and_one_of_a_downlink_are_filled_in(
    browser: Browser, story: Story
) -> None:
    async with looking(browser, story.origin, READER, story.session_token) as look:
        await look.go(f"/devices/{DEVICE}/webhook")
        await look.page.get_by_label("Template: as you write it").check()
        await look.page.get_by_text("What belongs to a template").click()
        await look.page.get_by_label("Body template").fill('{"n": {seqNumber}}')
        await expect(look.page.locator("#preview-body")).to_have_text('{"n": 195}')
        await expect(look.page.locator("#previewed").get_by_role("button").first).to_be_visible()
        await look.go(f"/devices/{DEVICE}/downlink")
        await look.page.get_by_label("Template", exact=True).fill("00112233445566{rssi}")
        await expect(look.page.locator("#previewed")).to_contain_text("Column")
        await look.page.get_by_label("Template", exact=True).fill("001122334455{rssi}")
        await expect(look.page.locator("#previewed")).to_contain_text("8 of 8 bytes")
