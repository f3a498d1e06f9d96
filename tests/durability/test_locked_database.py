"""Another process holds SQLite's lock: callbacks wait or get 503 before Sigfox gives up, and all heals."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.durability.ledger import Ledger
from tests.durability.load import Load
from tests.journeys.receiver import Receiver
from tests.journeys.relay_program import RelayProgram

DEVICES = [f"9{number:02X}" for number in range(8)]
HOLDER = str(Path(__file__).with_name("lock_holder.py"))


@asynccontextmanager
async def locked(database: Path) -> AsyncIterator[None]:
    """The lock is another process's while the block lasts."""
    pipe = asyncio.subprocess.PIPE
    holder = await asyncio.create_subprocess_exec(
        sys.executable, HOLDER, str(database), stdin=pipe, stdout=pipe
    )
    assert holder.stdout is not None
    assert await holder.stdout.readline() == b"locked\n"
    try:
        yield
    finally:
        await holder.communicate(b"")
    assert holder.returncode == 0


async def hold_lock_under_load(folder: Path, seconds: float) -> Load:
    """What was answered; in the end callbacks are taken again, and what was acknowledged arrives."""
    relay, ledger = RelayProgram(folder), Ledger()
    load = Load(relay, DEVICES)
    async with Receiver() as receiver:
        receiver.answering = ledger
        for device in DEVICES:
            await relay.provision(device, webhook_url=receiver.url)
        async with relay.running():
            async with load.sending():
                async with locked(relay.database):
                    await asyncio.sleep(seconds)
                await load.until_acknowledged(len(load.acknowledged) + len(DEVICES))
            await ledger.until_all_came(load.acknowledged)
    assert load.answers.keys() <= {204, 503}
    assert (ledger.more_than_one_id, ledger.twice_in_a_life) == ([], [])
    return load


async def test_a_lock_of_3_s_is_waited_for(tmp_path: Path) -> None:
    load = await hold_lock_under_load(tmp_path, 3)
    assert not load.answers[503]


@pytest.mark.slow
async def test_a_lock_of_30_s_is_answered_with_503(tmp_path: Path) -> None:
    load = await hold_lock_under_load(tmp_path, 30)
    assert load.answers[503] >= len(DEVICES)
