"""The databases that the suite runs on. A test asks them with plain SQL that all of them understand."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from relay.store.driver import Driver
from relay.store.opening import open_sqlite

Rows = list[dict[str, Any]]


class Database(Protocol):
    """One empty database, for one test."""

    def opened(self) -> AbstractAsyncContextManager[Driver]:
        """Open and migrate it; whoever takes the driver closes it."""

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
        async with open_sqlite(self.path) as database:
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
