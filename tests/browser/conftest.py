"""A real browser, one for each test process, and one loop for it and the pages that it visits."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.browser.story import Story, told_story

CHROMIUM = Path(os.environ.get("RELAY_TEST_CHROMIUM", "/usr/bin/chromium"))
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser lives in the session's loop, so its tests do."""
    for item in items:
        if Path(__file__).parent in item.path.parents and isinstance(item, pytest.Function):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Found, it runs; absent, its tests are skipped, unless they are to be complete."""
    _look_for_browser()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=False, args=ARGUMENTS
        )
        yield browser
        await browser.close()


def _look_for_browser() -> None:
    if not CHROMIUM.exists():
        missing = f"no browser at {CHROMIUM}; install chromium or set RELAY_TEST_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def story(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Story]:
    """Devices to which much has happened; for tests that only look."""
    async with told_story(tmp_path_factory.mktemp("story")) as story:
        yield story


@pytest_asyncio.fixture(loop_scope="session")
async def own_story(tmp_path: Path) -> AsyncIterator[Story]:
    """The same for one test that changes something."""
    async with told_story(tmp_path) as story:
        yield story
