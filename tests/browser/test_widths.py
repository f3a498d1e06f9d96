"""No window is too narrow for a page, nor between two of the widths for which pages are made."""

import pytest
from playwright.async_api import Browser

from tests.browser.looking import Reader, looking
from tests.browser.story import Story
from tests.pages import DEVICE

WIDTHS = (320, 640, 768, 1023, 1024, 1150, 1280)


@pytest.mark.parametrize("tab", ["", "/messages", "/deliveries", "/charts", "/map", "/m/{failed}"])
async def test_nothing_sticks_out_at_any_width(browser: Browser, story: Story, tab: str) -> None:
    async with looking(browser, story.origin, Reader(language="cs"), story.session_token) as look:
        await look.go(f"/devices/{DEVICE}{tab.format(failed=story.failed_id)}")
        sticking_out = {}
        for width in WIDTHS:
            await look.page.set_viewport_size({"width": width, "height": 800})
            sticking_out[width] = await look.page.evaluate(
                "document.documentElement.scrollWidth - innerWidth"
            )
        assert {width: by for width, by in sticking_out.items() if by > 0} == {}
