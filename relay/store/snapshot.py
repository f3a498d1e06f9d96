"""A copy of a SQLite database as it is at one moment, made while the service goes on using it."""

import asyncio
import os
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from relay.errors import StoreRefused
from relay.store.disk_room import LEAST_FREE_BYTES
from relay.store.driver import Driver
from relay.store.migrate import load_migrations, pending
from relay.store.schema import Table, load_tables
from relay.store.sqlite import SqliteDriver
from relay.store.wal_reset import has_wal_reset_bug

LEFT_BEHIND_SECONDS = 86_400.0
"""A copy that is older was forgotten by a command that did not end in order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a copy holds: its migrations by name, and how many rows each table has."""

    migrations: list[str]
    counts: dict[str, int]


async def take_snapshot(driver: Driver) -> Path:
    """Make a copy beside the database; whoever asked for it removes it.

    Where the SQLite library has the WAL-reset bug, nothing is written meanwhile: callbacks wait.

    Raises:
        StoreRefused: It is no SQLite database, or there is no room.
    """
    if not isinstance(driver, SqliteDriver):
        raise StoreRefused("only a SQLite database is copied by the relay; PostgreSQL has pg_dump")
    database = await driver.run_script(_path_of)
    _remove_left_behind(database)
    _check_room(database)
    copy = database.with_name(f"{database.name}.copy-{uuid4().hex}")
    try:
        if has_wal_reset_bug(sqlite3.sqlite_version_info):
            await driver.run_script(lambda connection: _vacuum_into(connection, copy))
        else:
            await asyncio.to_thread(_copy_beside, database, copy)
    except BaseException as error:
        copy.unlink(missing_ok=True)
        if isinstance(error, sqlite3.Error):
            raise StoreRefused(f"cannot copy the database: {error}") from error
        raise
    return copy


def _path_of(connection: sqlite3.Connection) -> Path:
    return Path(connection.execute("PRAGMA database_list").fetchone()[2])


def _remove_left_behind(database: Path) -> None:
    before = time.time() - LEFT_BEHIND_SECONDS
    for copy in database.parent.glob(f"{database.name}.copy-*"):
        if copy.stat().st_mtime < before:
            copy.unlink(missing_ok=True)


def _check_room(database: Path) -> None:
    files = [database, Path(f"{database}-wal")]
    needed = sum(file.stat().st_size for file in files if file.exists()) + LEAST_FREE_BYTES
    if shutil.disk_usage(database.parent).free < needed:
        raise StoreRefused(f"there is no room in {database.parent} for a copy of the database")


def _vacuum_into(connection: sqlite3.Connection, copy: Path) -> None:
    os.close(os.open(copy, os.O_CREAT | os.O_EXCL, 0o600))  # SQLite takes an empty file
    connection.execute("VACUUM INTO ?", (str(copy),))


def _copy_beside(database: Path, copy: Path) -> None:
    with closing(sqlite3.connect(f"file:{quote(str(database))}?mode=ro", uri=True)) as connection:
        _vacuum_into(connection, copy)


def open_copy(copy: Path) -> sqlite3.Connection:
    """Read a copy that nobody else uses; nothing is written beside it."""
    return sqlite3.connect(f"file:{quote(str(copy))}?mode=ro&immutable=1", uri=True, isolation_level=None)


def check_copy(copy: Path) -> Contents:
    """Read the whole copy.

    Raises:
        StoreRefused: It is damaged, no database of the relay, or of a newer version.
    """
    try:
        with closing(open_copy(copy)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            if (said := connection.execute("PRAGMA integrity_check(1)").fetchone()[0]) != "ok":
                raise StoreRefused(f"the copy is damaged: {said}")
            rows = connection.execute("SELECT name, sha256 FROM migrations ORDER BY position").fetchall()
            pending(load_migrations(), rows)
            return Contents(migrations=[name for name, _ in rows], counts=_counts(connection))
    except sqlite3.Error as error:
        raise StoreRefused(f"the copy cannot be read: {error}") from error


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Of the tables that there are: a copy may be older than this program."""
    there: set[Any] = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
    return {table.name: count_rows(connection, table) for table in load_tables() if table.name in there}


def count_rows(connection: sqlite3.Connection, table: Table) -> int:
    """How many rows a table has."""
    return int(connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0])  # noqa: S608 - our own name
