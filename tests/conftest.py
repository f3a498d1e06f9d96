"""What tests of several parts share."""

import gc
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import settings

from relay.store import group_commit
from tests.postgresql import Server, running_server

# `make properties` looks at many more. No time limit for one example: the machine may be busy.
settings.register_profile("ordinary", max_examples=30, deadline=None)
settings.register_profile("many", max_examples=1000, deadline=None)
settings.load_profile("ordinary")

# Outcomes wait for a callback to share its transaction; most tests have none to come.
group_commit.SETTLE_HOLD_SECONDS = 0.001


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """One PostgreSQL server for all tests of a process."""
    with running_server() as server:
        yield server


def pytest_collection_finish() -> None:
    """What is there before the first test stays; the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def closing(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that forgets an open connection fails itself, rather than one that runs when it is collected."""
    yield
    request.node.funcargs.clear()
    gc.collect()


@pytest.fixture
async def postgresql_url(closing: None, postgresql: Server) -> AsyncIterator[str]:
    """An empty PostgreSQL database."""
    async with postgresql.database() as url:
        yield url
