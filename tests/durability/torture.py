"""Rounds of load, each ended in some way, and the account of them."""

import asyncio
import random
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from tests.durability.ledger import Ledger
from tests.durability.load import Load
from tests.journeys.receiver import Receiver
from tests.journeys.relay_program import RelayProgram

DEVICES = [f"C{number:03X}" for number in range(16)]
SHORTEST_SECONDS, LONGEST_SECONDS = 0.05, 0.6
SETTINGS = {"log": {"level": "info"}}

End = Callable[[RelayProgram], Awaitable[None]]


async def torture(folder: Path, rounds: int, end: End, seed: int) -> Ledger:
    """End the relay so often at any moment under load: nothing acknowledged is lost, or twice in a life."""
    chance, ledger = random.Random(seed), Ledger()
    relay = RelayProgram(folder, SETTINGS)
    load = Load(relay, DEVICES)
    async with Receiver() as receiver:
        receiver.answering = ledger
        for device in DEVICES:
            await relay.provision(device, webhook_url=receiver.url)
        for life in range(rounds):
            ledger.life = life
            async with relay.running(), load.sending():
                await asyncio.sleep(chance.uniform(SHORTEST_SECONDS, LONGEST_SECONDS))
                await end(relay)
            relay.log.clear()
        ledger.life = rounds
        async with relay.running():
            await ledger.until_all_came(load.acknowledged)
    _tell(rounds, load, ledger)
    assert load.acknowledged <= ledger.ids.keys()
    assert ledger.more_than_one_id == []
    assert ledger.twice_in_a_life == []
    assert _quick_check(relay.database) == "ok"
    return ledger


def _tell(rounds: int, load: Load, ledger: Ledger) -> None:
    print(
        f"\n{rounds} rounds: {len(load.acknowledged)} acknowledged, {len(ledger.ids)} arrived, "
        f"{ledger.repeats} repeats, answers {dict(load.answers)}"
    )


def _quick_check(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        return str(connection.execute("PRAGMA quick_check").fetchone()[0])
