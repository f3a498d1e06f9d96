"""The SQLite driver: a transaction is done wholly or not at all, whatever becomes of who asked for it."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from relay.errors import StoreUnavailable
from relay.store.driver import Do, Steps, rows_of
from relay.store.opening import open_sqlite
from relay.store.records import RawCallback
from relay.store.sqlite import SqliteDriver
from relay.store.store import open_store
from tests.store.given import VAULT, accept, uplink

TAKE_ID = Do("take_ids", [{"count": 1}])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "relay.db"


@pytest.fixture
async def driver(path: Path) -> AsyncIterator[SqliteDriver]:
    async with open_sqlite(path) as database:
        yield database.driver


def next_id(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("SELECT next_id FROM id_blocks").fetchone()[0])


async def test_who_goes_away_does_not_stop_a_transaction_half_way(driver: SqliteDriver, path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> Steps[None]:
        yield TAKE_ID
        begun.set()
        go_on.wait()
        yield TAKE_ID

    asking = asyncio.create_task(driver.transact(slow()))
    await asyncio.to_thread(begun.wait)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    go_on.set()
    rows = await driver.transact(rows_of("take_ids", count=1))
    assert rows[0]["first_id"] == 3
    assert next_id(path) == 4


async def test_an_error_between_statements_takes_all_of_them_back(driver: SqliteDriver, path: Path) -> None:
    def failing() -> Steps[None]:
        yield TAKE_ID
        raise LookupError("of ours")

    with pytest.raises(LookupError, match="of ours"):
        await driver.transact(failing())
    assert next_id(path) == 1
    await driver.transact(rows_of("take_ids", count=1))
    assert next_id(path) == 2


async def test_it_is_told_how_long_the_database_took(driver: SqliteDriver) -> None:
    await driver.transact(rows_of("ping"))
    (family,) = driver.timings.collect()
    counts = {one.labels["query"]: one.value for one in family.samples if one.name.endswith("_count")}
    assert (counts["ping"], counts["commit"]) == (1, 1)


async def test_transactions_do_not_mix(driver: SqliteDriver, path: Path) -> None:
    """Two that shared one would both be undone by the one that fails."""

    def failing() -> Steps[None]:
        yield TAKE_ID
        raise LookupError

    asked = [driver.transact(failing() if n % 2 else rows_of("take_ids", count=1)) for n in range(40)]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert [isinstance(result, LookupError) for result in results] == [False, True] * 20
    assert next_id(path) == 21


async def test_a_database_that_another_program_locks_is_unavailable_and_heals(
    driver: SqliteDriver, path: Path
) -> None:
    await driver.run_script(lambda connection: connection.execute("PRAGMA busy_timeout = 0").fetchall())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked"):
            await driver.transact(rows_of("take_ids", count=1))
        other.execute("ROLLBACK")
    await driver.transact(rows_of("take_ids", count=1))
    assert next_id(path) == 2


async def test_a_full_disk_is_told_old_rows_stay_readable_and_it_heals(path: Path) -> None:
    large = RawCallback(method="POST", query="", content_type="text/plain", body="x" * 60_000)
    async with open_sqlite(path) as database, open_store(database.driver, VAULT, "node") as store:
        first = await accept(store)
        await _limit_pages(database.driver, 1)
        with pytest.raises(StoreUnavailable, match="full"):
            await accept(store, uplink(seq_number=8), raw=large)
        assert (await accept(store)).uplink_id == first.uplink_id
        await _limit_pages(database.driver, 2**30)
        assert not (await accept(store, uplink(seq_number=8), raw=large)).repeated


async def _limit_pages(driver: SqliteDriver, most: int) -> None:
    """SQLite's own limit on the file's size; below what it has, it means no more."""
    await driver.run_script(
        lambda connection: connection.execute(f"PRAGMA max_page_count = {most}").fetchall()
    )
