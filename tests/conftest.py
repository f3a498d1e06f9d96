"""What tests of several parts share."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.postgresql import Server, running_server


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
