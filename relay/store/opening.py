"""Opening a database: lock or reach it, check, migrate."""

import contextlib
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from relay.config import DatabaseKind, DatabaseUrl
from relay.errors import ConfigError, StoreRefused
from relay.metrics import Timings, statement_timings
from relay.store.checking import check_sqlite
from relay.store.disk_room import DiskRoom
from relay.store.driver import Driver
from relay.store.lock import FileLock
from relay.store.migrate import migrate_sqlite
from relay.store.sqlite import SQLITE_VERSION, SqliteDriver
from relay.store.wal_reset import has_wal_reset_bug

if TYPE_CHECKING:
    from relay.store.postgresql import PostgresqlDriver

_log = logging.getLogger(__name__)

WAIT_SECONDS = 30.0
"""How long a start waits for a PostgreSQL server that is starting as well."""


async def _there_are_none() -> None:
    """No other node uses a SQLite file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedDatabase:
    """A database ready for use; `applied` names the migrations that this start ran.

    `timings` are those of its statements.
    `lock` is there when this process is the only one that uses the database, `disk_room` when it lies on a
    disk of this machine. `wal_reset_bug_in` names the version of a SQLite library that has the bug.
    `clock_ahead_seconds` tells how far the clock of a database that several nodes use is ahead of this
    machine's; `hear_other_nodes`, where there may be some, publishes their notices here until cancelled.
    """

    driver: Driver
    lock: FileLock | None
    applied: list[str]
    timings: Timings = field(default_factory=statement_timings)
    disk_room: DiskRoom | None = None
    wal_reset_bug_in: str | None = None
    clock_ahead_seconds: Callable[[], float] = lambda: 0.0
    hear_other_nodes: Callable[[], Coroutine[None, None, None]] = _there_are_none

    @property
    def has_room(self) -> bool:
        """Whether there is room for more callbacks."""
        return self.disk_room is None or not self.disk_room.is_low

    def shared_clock(self, here: Callable[[], float]) -> Callable[[], float]:
        """The clock `here` set by the database's, so that all nodes agree when a lease ends."""
        return here if self.lock else lambda: here() + self.clock_ahead_seconds()


def open_database(
    database: DatabaseUrl, *, migrate: bool = False, wait_seconds: float = WAIT_SECONDS
) -> AbstractAsyncContextManager[OpenedDatabase]:
    """Open a database of either kind; a driver that no store took and closed is closed in the end.

    An empty database is made. An older one on SQLite is migrated, since nobody else can be using it; on
    PostgreSQL only with `migrate`.

    Raises:
        ConfigError: The URL cannot be used.
        Locked: Another process uses the SQLite file.
        StoreRefused: It cannot be used as it is.
        StoreUnavailable: The server was not reached within `wait_seconds`.
    """
    match database.kind:
        case DatabaseKind.SQLITE:
            return open_sqlite(database.path)
        case DatabaseKind.POSTGRESQL:
            return open_postgresql(database, migrate=migrate, wait_seconds=wait_seconds)
        case _:
            assert_never(database.kind)


@asynccontextmanager
async def open_sqlite(path: Path) -> AsyncIterator[OpenedDatabase]:
    """Lock, open and migrate a SQLite database.

    Raises:
        Locked: Another process uses it.
        StoreRefused: It cannot be used as it is.
    """
    if not path.parent.is_dir():
        raise StoreRefused(f"the folder {path.parent} of the database does not exist")
    with contextlib.closing(FileLock.take(path)) as lock:
        driver = await SqliteDriver.open(path)
        try:
            await _check(driver, lock, path)
            applied = await driver.run_script(lambda connection: migrate_sqlite(connection, path))
        except sqlite3.Error as error:
            await driver.close()
            raise StoreRefused(f"cannot bring {path} up to date: {error}") from error
        except BaseException:
            await driver.close()
            raise
        room = DiskRoom(lock.path.parent)
        room.look()
        try:
            yield OpenedDatabase(
                driver=driver,
                lock=lock,
                applied=applied,
                timings=driver.timings,
                disk_room=room,
                wal_reset_bug_in=SQLITE_VERSION if has_wal_reset_bug(sqlite3.sqlite_version_info) else None,
            )
        finally:
            await driver.close()  # if no store took it: its thread would outlive everything


async def _check(driver: SqliteDriver, lock: FileLock, path: Path) -> None:
    """After an unclean end, and again at each start until the file was found whole."""
    if not lock.unclean:
        return
    started = time.monotonic()
    await driver.run_script(lambda connection: check_sqlite(connection, path))
    lock.unclean = False
    _log.info("database.checked", extra={"ms": round((time.monotonic() - started) * 1000)})


@asynccontextmanager
async def open_postgresql(
    database: DatabaseUrl, *, migrate: bool = False, wait_seconds: float = WAIT_SECONDS
) -> AsyncIterator[OpenedDatabase]:
    """Reach, check and if need be migrate a PostgreSQL database.

    Raises:
        ConfigError: The URL cannot be used, or asyncpg is not installed.
        StoreRefused: It cannot be used as it is.
        StoreUnavailable: The server was not reached within `wait_seconds`.
    """
    driver = await _postgresql_driver().open(database, wait_seconds)
    try:
        applied = await driver.migrate(existing=migrate)
        yield OpenedDatabase(
            driver=driver,
            lock=None,
            applied=applied,
            timings=driver.timings,
            clock_ahead_seconds=lambda: driver.clock_ahead_seconds,
            hear_other_nodes=driver.listen,
        )
    finally:
        await driver.close()


def _postgresql_driver() -> "type[PostgresqlDriver]":
    try:
        from relay.store.postgresql import PostgresqlDriver
    except ModuleNotFoundError as error:
        if error.name != "asyncpg":
            raise
        raise ConfigError(
            "database: PostgreSQL needs the extra `postgres`: pip install 'sigfox-relay[postgres]'"
        ) from error
    return PostgresqlDriver
