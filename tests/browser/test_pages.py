"""Every page, as each kind of reader sees it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.looking import MORE_READERS, READERS, Look, Reader, check, looking
from tests.browser.pages import VISITS, Visit
from tests.browser.story import Story

Window = Callable[[Reader], Awaitable[Look]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def window(browser: Browser, story: Story) -> AsyncIterator[Window]:
    """One window for each kind of reader, in which page after page is opened."""
    async with AsyncExitStack() as windows:
        opened: dict[Reader, Look] = {}

        async def window_of(reader: Reader) -> Look:
            if reader not in opened:
                opened[reader] = await windows.enter_async_context(looking(browser, story, reader))
            opened[reader].forget()
            return opened[reader]

        yield window_of


async def see(look: Look, visit: Visit, story: Story, reader: Reader) -> None:
    path = visit.path(story)
    answer = await (look.post(path, dict(visit.fields)) if visit.fields else look.go(path))
    assert answer is not None
    assert answer.status == visit.status
    if visit.status >= 400:
        look.complaints.clear()  # the browser itself complains of the status
    await check(look, f"{visit.name}-{reader.name}")


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.name)
async def test_the_page_is_sound(window: Window, story: Story, visit: Visit, reader: Reader) -> None:
    await see(await window(reader), visit, story, reader)


@pytest.mark.slow
@pytest.mark.parametrize("reader", MORE_READERS, ids=lambda reader: reader.name)
@pytest.mark.parametrize("visit", VISITS, ids=lambda visit: visit.name)
async def test_the_page_is_sound_for_others(
    window: Window, story: Story, visit: Visit, reader: Reader
) -> None:
    await see(await window(reader), visit, story, reader)
