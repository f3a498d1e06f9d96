"""The programs of these journeys."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.journeys.receiver import Receiver
from tests.journeys.relay_program import RelayProgram

NEVER_LOGGED = ("t0ken", "whsec_", "owner@example.com", "key=a%2Fb")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def relay(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RelayProgram]:
    """A relay that runs all the time, for journeys that leave it running and use devices of their own."""
    async with RelayProgram(tmp_path_factory.mktemp("relay")).running() as program:
        yield program
        await program.stop()
        assert program.faults == []
        assert program.has_logged(program.secret, program.secret_key, *NEVER_LOGGED) == []


@pytest.fixture
def own_relay(tmp_path: Path) -> RelayProgram:
    """A relay that a journey starts and ends as it likes."""
    return RelayProgram(tmp_path)


@pytest_asyncio.fixture(loop_scope="session")
async def receiver() -> AsyncIterator[Receiver]:
    """A customer's server."""
    async with Receiver() as receiver:
        yield receiver
