"""Every page, as each kind of reader sees it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from tests.browser.device_visits import DEVICE_VISITS
from tests.browser.looking import (
    PHONE_DARK,
    PHONE_LIGHT,
    WIDE_DARK,
    WIDE_LIGHT,
    Look,
    Reader,
    View,
    check,
    check_unfolded,
    check_width,
    looking,
)
from tests.browser.others import FRESH
from tests.browser.public_visits import PUBLIC_VISITS
from tests.browser.story import Story
from tests.browser.visit import Visit
from tests.pages import DEVICE

VISITS = (*PUBLIC_VISITS, *DEVICE_VISITS)
VIEWS = (PHONE_DARK, PHONE_LIGHT, WIDE_DARK, WIDE_LIGHT)
READERS = (
    (Reader(language="cs", scripts=True, view=PHONE_DARK), WIDE_LIGHT),
    (Reader(language="en", scripts=False, view=WIDE_LIGHT), PHONE_DARK),
)
"""Who sees each page, and in which other window it must fit as well: each language in each width."""
ALL_READERS = tuple(
    Reader(language=language, scripts=scripts, view=PHONE_LIGHT)
    for language in ("cs", "en")
    for scripts in (True, False)
)
GROUND = "getComputedStyle(document.body).backgroundColor"
Window = Callable[[Reader], Awaitable[Look]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def window(browser: Browser, story: Story) -> AsyncIterator[Window]:
    """One window for each kind of reader, in which page after page is opened."""
    async with AsyncExitStack() as windows:
        opened: dict[Reader, Look] = {}

        async def window_of(reader: Reader) -> Look:
            if reader not in opened:
                look = looking(browser, story.origin, reader, story.session_token)
                opened[reader] = await windows.enter_async_context(look)
            opened[reader].forget()
            return opened[reader]

        yield window_of


def name_of(value: object) -> str | None:
    match value:
        case Visit(name=name) | Reader(name=name):
            return name
        case _:
            return ""


@pytest.mark.parametrize(("reader", "other"), READERS, ids=name_of)
@pytest.mark.parametrize("visit", VISITS, ids=name_of)
async def test_the_page_is_sound(
    window: Window, story: Story, visit: Visit, reader: Reader, other: View
) -> None:
    look = await window(reader)
    await visit.open(look, story)
    if not reader.scripts:
        await look.unfold()
    await check(look, visit.name)
    await check_width(look, other)


@pytest.mark.slow
@pytest.mark.parametrize("reader", ALL_READERS, ids=name_of)
@pytest.mark.parametrize("visit", VISITS, ids=name_of)
async def test_the_page_is_sound_for_everybody_in_every_view(
    window: Window, story: Story, visit: Visit, reader: Reader
) -> None:
    look = await window(reader)
    await visit.open(look, story)
    await check(look, visit.name)
    await check_unfolded(look, f"{visit.name}-unfolded", VIEWS)


@pytest.mark.parametrize("view", [PHONE_DARK, WIDE_LIGHT], ids=lambda view: str(view.width))
async def test_the_menu_of_devices_is_sound(browser: Browser, story: Story, view: View) -> None:
    async with looking(browser, story.origin, Reader(view=view), story.session_token) as look:
        for device in (DEVICE, FRESH):
            await look.go(f"/devices/{device}/map")
            await look.page.get_by_text("My devices").click()
            await check(look, "menu")


async def test_chosen_colours_stand_above_those_of_the_system(browser: Browser, story: Story) -> None:
    async with looking(browser, story.origin, Reader(view=WIDE_LIGHT), story.session_token) as look:
        await look.go("/form")
        by_system = await look.page.evaluate(GROUND)
        await look.page.get_by_role("link", name="Dark").click()
        await expect(look.page.locator("html")).to_have_attribute("data-theme", "dark")
        await check(look, "form-chosen-dark")
        chosen = await look.page.evaluate(GROUND)
        await look.turn(WIDE_DARK)
        await look.go("/")
        assert by_system != chosen == await look.page.evaluate(GROUND)
