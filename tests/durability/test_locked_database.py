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
        await holder.communicate()
    assert holder.returncode == 0


async def hold_lock_under_load(folder: Path, seconds: float) -> Load:
    """What was answered while the database was locked; afterwards all is taken and arrives."""
    relay, ledger = RelayProgram(folder), Ledger()
    during, after = Load(relay, DEVICES), Load(relay, DEVICES)
    after.numbers = during.numbers
    async with Receiver() as receiver:
        receiver.answering = ledger
        for device in DEVICES:
            await relay.provision(device, webhook_url=receiver.url)
        async with relay.running():
            async with locked(relay.database), during.sending():
                await asyncio.sleep(seconds)
            async with after.sending():
                await after.until_acknowledged(len(DEVICES))
            await ledger.until_all_came(during.acknowledged | after.acknowledged)
    assert set(during.answers) <= {204, 503}
    assert (ledger.more_than_one_id, ledger.twice_in_a_life) == ([], [])
    return during


async def test_a_lock_of_3_s_is_waited_for(tmp_path: Path) -> None:
    during = await hold_lock_under_load(tmp_path, 3)
    assert len(during.acknowledged) >= len(DEVICES) / 2


@pytest.mark.slow
async def test_a_lock_of_30_s_is_answered_with_503(tmp_path: Path) -> None:
    during = await hold_lock_under_load(tmp_path, 30)
    assert during.answers[503] >= len(DEVICES)
