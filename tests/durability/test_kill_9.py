"""kill -9 under load: what was acknowledged is delivered, and at most once more for each crash."""

from pathlib import Path

import pytest

from tests.durability.torture import torture
from tests.journeys.relay_program import RelayProgram


async def kill(relay: RelayProgram) -> None:
    await relay.kill()


@pytest.mark.timeout(300)
async def test_10_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    await torture(tmp_path, 10, kill, seed=9)


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_200_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    await torture(tmp_path, 200, kill, seed=200)
