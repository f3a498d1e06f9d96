"""SIGTERM under load: the relay ends in order and in time, loses nothing acknowledged and repeats nothing."""

from pathlib import Path

import pytest

from tests.durability.torture import torture
from tests.journeys.relay_program import RelayProgram


async def stop_in_order(relay: RelayProgram) -> None:
    """`stop` gives up after 25 s."""
    assert await relay.stop() == 0
    assert relay.faults == []


@pytest.mark.timeout(300)
async def test_5_stops_lose_and_repeat_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    ledger = await torture(tmp_path, 5, stop_in_order, seed=5)
    assert ledger.repeats == 0


@pytest.mark.slow
@pytest.mark.timeout(3600)
async def test_50_stops_lose_and_repeat_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    ledger = await torture(tmp_path, 50, stop_in_order, seed=50)
    assert ledger.repeats == 0
