"""A customer's server for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.journeys.receiver import Receiver


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as receiver:
        yield receiver
