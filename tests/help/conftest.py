"""The pages for these tests."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.pages import Pages, serve_pages


@pytest.fixture
async def pages(tmp_path: Path) -> AsyncIterator[Pages]:
    async with serve_pages(tmp_path) as pages:
        yield pages
