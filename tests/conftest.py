"""What tests of several parts share."""

from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import settings

from tests.postgresql import Server, running_server

# `make properties` looks at many more. No time limit for one example: the machine may be busy.
settings.register_profile("ordinary", max_examples=30, deadline=None)
settings.register_profile("many", max_examples=1000, deadline=None)
settings.load_profile("ordinary")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """One PostgreSQL server for all tests of a process."""
    with running_server() as server:
        yield server


@pytest.fixture
async def postgresql_url(postgresql: Server) -> AsyncIterator[str]:
    """An empty PostgreSQL database."""
    async with postgresql.database() as url:
        yield url
