"""The suite's databases on PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from relay.config import parse_database
from relay.store.driver import Driver
from relay.store.opening import open_database
from relay.store.postgresql import PostgresqlDriver
from tests.store.databases import Rows


@dataclass(frozen=True, slots=True)
class PostgresqlDatabase:
    """A database of its own on the server that all tests share."""

    url: str

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Driver]:
        async with open_database(parse_database(self.url)) as database:
            yield database.driver

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

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(self.url)
        try:
            yield connection
        finally:
            await connection.close()


@asynccontextmanager
async def opened_url(url: str, *, migrate: bool = False) -> AsyncIterator[PostgresqlDriver]:
    """The driver itself, closed in the end."""
    async with open_database(parse_database(url), migrate=migrate) as database:
        assert isinstance(database.driver, PostgresqlDriver)
        try:
            yield database.driver
        finally:
            await database.driver.close()
