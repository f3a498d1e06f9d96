"""The suite's databases on PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Self

import asyncpg

from relay.config import parse_database
from relay.store.driver import Driver
from relay.store.opening import open_database
from relay.store.postgresql import PostgresqlDriver
from tests.store.databases import Rows

END_OTHERS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
RESTART_SEQUENCES = "SELECT setval(format('%I', sequencename), start_value, false) FROM pg_sequences"


@dataclass(slots=True)
class PostgresqlDatabase:
    """A database of its own on the server that all tests share."""

    url: str
    _driver: PostgresqlDriver | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Driver]:
        async with opened_url(self.url, migrate=False) as driver:
            self._driver = driver
            try:
                yield driver
            finally:
                self._driver = None

    async def rows(self, sql: str) -> Rows:
        async with self._connection() as connection:
            return [dict(row) for row in await connection.fetch(sql)]

    async def execute(self, sql: str) -> None:
        async with self._connection() as connection:
            await connection.execute(sql)

    async def everything(self) -> bytes:
        async with self._connection() as connection:
            tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            rows = [row for (table,) in tables for row in await connection.fetch(f"SELECT * FROM {table}")]
        values = [value for row in rows for value in row.values()]
        return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)

    def _connection(self) -> AbstractAsyncContextManager[asyncpg.Connection]:
        """One that is idle now, while the database is open: it costs as much as a test to make one."""
        return self._driver._pool.acquire() if self._driver else connected(self.url)


@asynccontextmanager
async def opened_url(url: str, *, migrate: bool = False) -> AsyncIterator[PostgresqlDriver]:
    """The driver itself, closed in the end."""
    async with open_database(parse_database(url), migrate=migrate) as database:
        assert isinstance(database.driver, PostgresqlDriver)
        yield database.driver


@dataclass(frozen=True, slots=True, kw_only=True)
class Reused:
    """A migrated database that one test after the other gets as new: making one takes many times as long."""

    url: str
    connection: asyncpg.Connection
    to_empty: str

    @classmethod
    @asynccontextmanager
    async def migrated(cls, url: str) -> AsyncIterator[Self]:
        """Migrate an empty database; no migration leaves a row."""
        async with opened_url(url):
            pass
        async with connected(url) as connection:
            tables = await connection.fetch(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'"
            )
            # To truncate a table takes as long as to delete from all where little was put in.
            emptying = [f"DELETE FROM {row['tablename']}" for row in tables]
            yield cls(
                url=url,
                connection=connection,
                to_empty=";".join([END_OTHERS, *emptying, RESTART_SEQUENCES]),
            )

    async def empty(self) -> None:
        """Take out all that tests put in, and begin all numbers anew."""
        await self.connection.execute(self.to_empty)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()
