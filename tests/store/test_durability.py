"""What was acknowledged is on disk, whatever happens next."""

import asyncio
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from relay.errors import StoreRefused
from relay.store.opening import open_sqlite
from relay.store.records import Accepted
from relay.store.sqlite import SqliteDriver
from relay.store.store import open_store
from tests.store.conftest import OpenedStore
from tests.store.drivers import Breaking, Cancelling
from tests.store.given import VAULT, accept, bound_device, uplink
from tests.store.programs import command_line, next_line, started
from tests.store.syncs import SYNC, said_and_synced

CALLBACKS = 1000
ACKNOWLEDGED_BEFORE_KILL = 200


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "relay.db"


async def test_sqlite_writes_ahead_and_waits_for_the_disk(path: Path) -> None:
    async with open_sqlite(path) as database, open_store(database.driver, VAULT, "node"):
        settings = [
            await database.driver.run_script(lambda c, name=name: c.execute(f"PRAGMA {name}").fetchone()[0])
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert settings == ["wal", 2, 1]


async def test_a_database_that_cannot_be_durable_is_refused() -> None:
    with pytest.raises(StoreRefused, match="needs WAL and FULL"):
        await SqliteDriver.open(Path(":memory:"))


def answers_with_syncs(seen: list[str]) -> list[int]:
    """For each callback: how often the disk was written between its request and its answer."""
    counts, since_request = [], 0
    for word in seen:
        if word == "request":
            since_request = 0
        elif word == SYNC:
            since_request += 1
        elif word == "answer":
            counts.append(since_request)
    return counts


def test_each_callback_is_on_disk_before_it_is_acknowledged(path: Path) -> None:
    counts = answers_with_syncs(said_and_synced(command_line("in_a_row", path), path.parent))
    assert len(counts) == 20
    assert min(counts) >= 1


def test_the_count_can_tell_a_database_that_does_not_wait_for_the_disk(path: Path) -> None:
    counts = answers_with_syncs(said_and_synced(command_line("in_a_row", path, "OFF"), path.parent))
    assert counts == [0] * 20


@pytest.mark.parametrize("round_number", range(3))
def test_kill_9_while_accepting_loses_nothing_that_was_acknowledged(path: Path, round_number: int) -> None:
    with started(command_line("without_end", path)) as program:
        assert next_line(program) == "ready"
        said = [next_line(program) for _ in range(ACKNOWLEDGED_BEFORE_KILL + 13 * round_number)]
        program.kill()
        assert program.stdout is not None
        said += program.stdout.read().split()
    acknowledged = {int(number) for number in said}
    kept, deliveries, health = asyncio.run(_after_reopening(path))
    assert len(acknowledged) >= ACKNOWLEDGED_BEFORE_KILL
    assert acknowledged <= kept
    assert len(deliveries) == len(kept)
    assert health == "ok"


async def _after_reopening(path: Path) -> tuple[set[int], list[int], str]:
    """Sequence numbers and promised uplinks as the next start finds them."""
    async with open_sqlite(path) as database, open_store(database.driver, VAULT, "next"):
        with closing(sqlite3.connect(path)) as connection:
            kept = {row[0] for row in connection.execute("SELECT seq_number FROM uplinks")}
            deliveries = [row[0] for row in connection.execute("SELECT DISTINCT uplink_id FROM deliveries")]
            return kept, deliveries, connection.execute("PRAGMA quick_check").fetchone()[0]


async def test_of_1000_at_once_what_was_acknowledged_is_kept_and_what_was_refused_is_not(
    opened_store: OpenedStore,
) -> None:
    """3 of 10 who wait go away, 1 of 20 callbacks cannot be held, 1 of 20 transactions is rolled back."""
    await bound_device(opened_store.store)
    chance = random.Random(8)
    driver = Cancelling(Breaking(opened_store.driver, every=20))
    uplinks = [
        uplink(seq_number=number, data="\ud800" if number % 20 == 9 else "00ff")
        for number in range(CALLBACKS)
    ]
    async with opened_store.another("node-1", driver) as store:
        waiters = [asyncio.create_task(accept(store, one)) for one in uplinks]
        driver.waiters = chance.sample(waiters, CALLBACKS * 3 // 10)
        results = await asyncio.gather(*waiters, return_exceptions=True)
    acknowledged = {n for n, result in enumerate(results) if isinstance(result, Accepted)}
    cancelled = {n for n, result in enumerate(results) if isinstance(result, asyncio.CancelledError)}
    refused = set(range(CALLBACKS)) - acknowledged - cancelled
    kept = {row["seq_number"] for row in await opened_store.rows("uplinks")}
    assert acknowledged <= kept <= acknowledged | cancelled
    assert min(len(acknowledged) / 500, len(cancelled) / 150, len(refused) / 50) >= 1
    assert (
        len(await opened_store.rows("deliveries")) == len(await opened_store.rows("callbacks")) == len(kept)
    )
