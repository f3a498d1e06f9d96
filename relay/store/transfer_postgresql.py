"""Export from and import into PostgreSQL."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import asyncpg

from relay.config import DatabaseUrl
from relay.errors import StoreRefused
from relay.store.postgresql_session import SETTINGS, TROUBLE, reason
from relay.store.schema import Table
from relay.store.transfer import CHUNK_ROWS, Values

if TYPE_CHECKING:
    from asyncpg.connection import Connection

NO_LIMITS = {"statement_timeout": "0", "idle_in_transaction_session_timeout": "0", "lock_timeout": "60s"}


@dataclass(frozen=True, slots=True)
class PostgresqlSource:
    """A PostgreSQL database as one transaction sees it."""

    connection: "Connection"

    async def migrations(self) -> list[str]:
        """The names of those applied."""
        if await self.connection.fetchval("SELECT to_regclass('migrations')") is None:
            return []
        rows = await self.connection.fetch("SELECT name FROM migrations ORDER BY position")
        return [row["name"] for row in rows]

    async def rows(self, table: Table) -> AsyncIterator[Sequence[Values]]:
        """All rows of a table in the order of its key, in chunks."""
        cursor = await self.connection.cursor(
            f"SELECT {', '.join(table.columns)} FROM {table.name} ORDER BY {_order(table)}"  # noqa: S608 - ours
        )
        while rows := await cursor.fetch(CHUNK_ROWS):
            yield [tuple(row.values()) for row in rows]


def _order(table: Table) -> str:
    """Text in the order of its bytes, as on SQLite."""
    return ", ".join(f'{column} COLLATE "C"' if column in table.text_key else column for column in table.key)


@dataclass(frozen=True, slots=True)
class PostgresqlSink:
    """A PostgreSQL database in one transaction."""

    connection: "Connection"

    async def count(self, table: Table) -> int:
        """How many rows there are."""
        return int(await self.connection.fetchval(f"SELECT count(*) FROM {table.name}"))  # noqa: S608 - ours

    async def insert(self, table: Table, rows: Sequence[Values]) -> None:
        """Put rows in."""
        await self.connection.copy_records_to_table(table.name, records=rows, columns=list(table.columns))

    async def finish(self, next_id: int) -> None:
        """Let fresh ids begin here; the commit follows when nothing else went wrong."""
        await self.connection.execute("SELECT setval('ids', greatest($1, nextval('ids')))", next_id)


@asynccontextmanager
async def postgresql_source(url: DatabaseUrl) -> AsyncIterator[PostgresqlSource]:
    """Read a database as it is now, whatever its nodes do meanwhile.

    Raises:
        StoreRefused: It cannot be read.
    """
    async with (
        _connected(url) as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        yield PostgresqlSource(connection)


@asynccontextmanager
async def postgresql_sink(url: DatabaseUrl) -> AsyncIterator[PostgresqlSink]:
    """Fill a database; it stays as it was when the block ends with an error.

    Raises:
        StoreRefused: It does not take what it was given.
    """
    async with _connected(url) as connection, connection.transaction():
        yield PostgresqlSink(connection)


@asynccontextmanager
async def _connected(url: DatabaseUrl) -> "AsyncIterator[Connection]":
    try:
        connection = await asyncpg.connect(url.url, server_settings=SETTINGS | NO_LIMITS)
        try:
            yield connection
        finally:
            await connection.close()
    except (*TROUBLE, ValueError) as error:
        raise StoreRefused(f"the database {url}: {reason(error)}") from error
