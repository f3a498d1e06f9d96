"""The way of all data from one database to another, of either kind, through a file."""

from pathlib import Path
from typing import IO, assert_never

from relay.config import DatabaseKind, DatabaseUrl
from relay.store.opening import open_database
from relay.store.sqlite import SqliteDriver
from relay.store.transfer import export_to, import_from
from relay.store.transfer_sqlite import sqlite_sink, sqlite_source


async def export_copy(copy: Path, out: IO[str]) -> dict[str, int]:
    """Write all that a copy of a SQLite database holds; the answer is how many rows each table has.

    Raises:
        StoreRefused: It cannot be read.
    """
    with sqlite_source(copy) as source:
        return await export_to(source, out)


async def export_postgresql(database: DatabaseUrl, out: IO[str]) -> dict[str, int]:
    """Write all that a PostgreSQL database holds; the answer is how many rows each table has.

    Raises:
        StoreRefused: It cannot be read.
    """
    from relay.store.transfer_postgresql import postgresql_source

    async with postgresql_source(database) as source:
        return await export_to(source, out)


async def import_database(lines: IO[str], database: DatabaseUrl) -> dict[str, int]:
    """Fill an empty database, or one that is not there yet; the answer is how many rows each table has.

    Raises:
        RelayError: It is not empty or in use, or the export is not whole; nothing was imported.
    """
    async with open_database(database, migrate=True) as opened:
        match database.kind:
            case DatabaseKind.SQLITE:
                assert isinstance(opened.driver, SqliteDriver)  # noqa: S101 - of this kind
                async with sqlite_sink(opened.driver) as sink:
                    return await import_from(lines, sink)
            case DatabaseKind.POSTGRESQL:
                await opened.driver.close()
                return await _import_postgresql(lines, database)
            case _:
                assert_never(database.kind)


async def _import_postgresql(lines: IO[str], database: DatabaseUrl) -> dict[str, int]:
    from relay.store.transfer_postgresql import postgresql_sink

    async with postgresql_sink(database) as sink:
        return await import_from(lines, sink)
