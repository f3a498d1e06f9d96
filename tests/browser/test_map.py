"""The map in a real browser: its places are drawn over the outlines, and nobody else is asked."""

from playwright.async_api import Browser, expect

from tests.browser.looking import PHONE_LIGHT, Reader, check, looking
from tests.browser.story import Story
from tests.pages import DEVICE

TOLD = 11
PLACES = TOLD + 1  # and the fixed one


async def test_places_are_drawn_over_outlines(browser: Browser, story: Story) -> None:
    async with looking(browser, story.origin, Reader(), story.session_token) as look:
        await look.go(f"/devices/{DEVICE}/map")
        page = look.page
        await expect(page.locator(f"#map[data-drawn='{PLACES}']")).to_be_visible()
        assert await page.locator("#map path.spot").count() == TOLD
        assert await page.locator("#map path.around").count() == 1
        assert await page.locator("#map path.land").count() > 100
        await page.locator("#map path.last").click()
        await expect(page.locator(".leaflet-popup-content")).to_contain_text("Computed by Sigfox (WiFi)")
        await check(look, "map-popup")


async def test_without_scripts_the_table_says_the_same(browser: Browser, story: Story) -> None:
    async with looking(
        browser, story.origin, Reader(scripts=False, view=PHONE_LIGHT), story.session_token
    ) as look:
        await look.go(f"/devices/{DEVICE}/map")
        await expect(look.page.locator("#map")).to_be_hidden()
        assert await look.page.locator("table.data tbody tr").count() == PLACES
        assert "The map needs JavaScript" in await look.page.content()
