"""A process of its own for tests that watch or kill it: `python -m tests.store.program COMMAND FILE`.

It writes a line for each thing it did, in one `write` each, so that nothing it said can be lost with it.
"""

import asyncio
import os
import sys
from pathlib import Path

from relay.store.lock import FileLock
from relay.store.opening import open_sqlite
from relay.store.store import Store, open_store
from tests.store.given import VAULT, accept, bound_device, uplink

AT_ONCE = 20


def say(line: str) -> None:
    """Straight to the file descriptor."""
    os.write(1, f"{line}\n".encode())


async def in_a_row(store: Store, count: int) -> None:
    """One callback after the other, saying when each begins and when it is answered."""
    for number in range(count):
        say("request")
        await accept(store, uplink(seq_number=number))
        say("answer")


async def without_end(store: Store) -> None:
    """Many callbacks at once, until somebody ends it; says the number of each that was acknowledged."""
    async with asyncio.TaskGroup() as tasks:
        for lane in range(AT_ONCE):
            tasks.create_task(_lane(store, lane))


async def _lane(store: Store, lane: int) -> None:
    number = lane
    while True:
        await accept(store, uplink(seq_number=number))
        say(str(number))
        number += AT_ONCE


async def run(command: str, path: Path, synchronous: str) -> None:
    """Open a store and do what is asked."""
    async with open_sqlite(path) as database, open_store(database.driver, VAULT, "program") as store:
        await bound_device(store)
        pragma = f"PRAGMA synchronous = {synchronous}"
        await database.driver.run_script(lambda connection: connection.execute(pragma).fetchall())
        say("ready")
        await (in_a_row(store, 20) if command == "in_a_row" else without_end(store))
        say("end")


def hold(path: Path) -> None:
    """Hold the database's lock until standard input ends."""
    lock = FileLock.take(path)
    lock.announce(Path("/run/relay/control"))
    say("locked")
    sys.stdin.read()
    lock.close()


if __name__ == "__main__":
    _, command, path, *rest = sys.argv
    if command == "hold":
        hold(Path(path))
    else:
        asyncio.run(run(command, Path(path), rest[0] if rest else "FULL"))
