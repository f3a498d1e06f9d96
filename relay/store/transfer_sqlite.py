"""Export from and import into SQLite."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from relay.errors import StoreRefused
from relay.store.schema import Table
from relay.store.snapshot import count_rows, open_copy
from relay.store.sqlite import SqliteDriver
from relay.store.transfer import CHUNK_ROWS, Values


@dataclass(frozen=True, slots=True)
class SqliteSource:
    """A copy of a SQLite database, which nobody else uses."""

    connection: sqlite3.Connection

    async def migrations(self) -> list[str]:
        """The names of those applied."""
        return [row[0] for row in self.connection.execute("SELECT name FROM migrations ORDER BY position")]

    async def rows(self, table: Table) -> AsyncIterator[Sequence[Values]]:
        """All rows of a table in the order of its key, in chunks."""
        cursor = self.connection.execute(
            f"SELECT {', '.join(table.columns)} FROM {table.name} ORDER BY {', '.join(table.key)}"  # noqa: S608 - ours
        )
        while rows := cursor.fetchmany(CHUNK_ROWS):
            yield rows


@contextmanager
def sqlite_source(copy: Path) -> Iterator[SqliteSource]:
    """Read a copy of a database.

    Raises:
        StoreRefused: It cannot be read.
    """
    try:
        with closing(open_copy(copy)) as connection:
            yield SqliteSource(connection)
    except sqlite3.Error as error:
        raise StoreRefused(f"the database cannot be read: {error}") from error


@dataclass(frozen=True, slots=True)
class SqliteSink:
    """A SQLite database in one transaction."""

    driver: SqliteDriver

    async def count(self, table: Table) -> int:
        """How many rows there are."""
        return await self.driver.run_script(lambda connection: count_rows(connection, table))

    async def insert(self, table: Table, rows: Sequence[Values]) -> None:
        """Put rows in."""
        places = ", ".join("?" * len(table.columns))
        sql = f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({places})"  # noqa: S608 - ours
        await self.driver.run_script(lambda connection: connection.executemany(sql, rows))

    async def finish(self, next_id: int) -> None:
        """Let fresh ids begin here, and commit."""
        sql = "UPDATE id_blocks SET next_id = max(next_id, ?)"
        await self.driver.run_script(lambda connection: connection.execute(sql, (next_id,)))
        await self.driver.run_script(lambda connection: connection.execute("COMMIT"))


@asynccontextmanager
async def sqlite_sink(driver: SqliteDriver) -> AsyncIterator[SqliteSink]:
    """Fill a database; it stays as it was unless `finish` is reached.

    Raises:
        StoreRefused: It does not take what it was given.
    """
    await driver.run_script(lambda connection: connection.execute("BEGIN IMMEDIATE"))
    try:
        yield SqliteSink(driver)
    except sqlite3.Error as error:
        raise StoreRefused(f"the database does not take the export: {error}") from error
    finally:
        with contextlib.suppress(sqlite3.Error):  # there is no transaction after `finish`
            await driver.run_script(lambda connection: connection.execute("ROLLBACK"))
