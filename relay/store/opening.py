"""Opening a database: lock, check, migrate."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from relay.errors import StoreRefused
from relay.store.lock import FileLock
from relay.store.migrate import migrate_sqlite
from relay.store.sqlite import SqliteDriver


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedDatabase:
    """A database ready for use; `applied` names the migrations that this start ran."""

    driver: SqliteDriver
    lock: FileLock
    applied: list[str]


@asynccontextmanager
async def open_sqlite(path: Path) -> AsyncIterator[OpenedDatabase]:
    """Lock, open and migrate a SQLite database; the driver is closed by the store that takes it.

    Raises:
        Locked: Another process uses it.
        StoreRefused: It cannot be used as it is.
    """
    if not path.parent.is_dir():
        raise StoreRefused(f"the folder {path.parent} of the database does not exist")
    with contextlib.closing(FileLock.take(path)) as lock:
        driver = await SqliteDriver.open(path)
        try:
            applied = await driver.run_script(lambda connection: migrate_sqlite(connection, path))
        except sqlite3.Error as error:
            await driver.close()
            raise StoreRefused(f"cannot bring {path} up to date: {error}") from error
        except BaseException:
            await driver.close()
            raise
        yield OpenedDatabase(driver=driver, lock=lock, applied=applied)
