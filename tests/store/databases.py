"""The databases that the suite runs on. A test asks them with plain SQL that all of them understand."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from relay.store.driver import Driver
from relay.store.migrate import migrate_sqlite
from relay.store.opening import OpenedDatabase, open_sqlite

Rows = list[dict[str, Any]]


@cache
def _migrated() -> bytes:
    """A SQLite file with all tables and no rows, made once by a process."""
    path = Path(":memory:")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate_sqlite(connection, path)
        return connection.serialize()


def open_migrated(path: Path) -> AbstractAsyncContextManager[OpenedDatabase]:
    """Open a SQLite database; a new one has all tables without the time that migrating takes."""
    if not path.exists():
        path.write_bytes(_migrated())
    return open_sqlite(path)


class Database(Protocol):
    """One empty database, for one test."""

    def opened(self) -> AbstractAsyncContextManager[Driver]:
        """Open and migrate it; it is closed in the end."""

    async def rows(self, sql: str) -> Rows:
        """Ask beside the driver: only what is committed is seen."""

    async def execute(self, sql: str) -> None:
        """Change something beside the driver."""

    async def everything(self) -> bytes:
        """All that is kept, as it lies there."""


@dataclass(frozen=True, slots=True)
class SqliteDatabase:
    """A file of its own."""

    path: Path

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Driver]:
        async with open_migrated(self.path) as database:
            yield database.driver

    async def rows(self, sql: str) -> Rows:
        with closing(sqlite3.connect(self.path)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql)]

    async def execute(self, sql: str) -> None:
        with closing(sqlite3.connect(self.path)) as connection, connection:
            connection.execute(sql)

    async def everything(self) -> bytes:
        files = [self.path, Path(f"{self.path}-wal")]
        return b"".join(file.read_bytes() for file in files if file.exists())
