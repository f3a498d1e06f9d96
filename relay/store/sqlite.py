"""The SQLite driver: one connection, one thread, every transaction in one hop."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from time import perf_counter
from typing import TypeVar

import aiosqlite

from relay.errors import StoreRefused, StoreUnavailable
from relay.metrics import statement_timings
from relay.store.checking import damaged
from relay.store.driver import Do, Parameters, Row, Steps
from relay.store.notices import NOTHING, Notice, Notices
from relay.store.statements import Statement, load_statements, positional

T = TypeVar("T")

_OUR_FAULT = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.DataError)

SQLITE_VERSION = sqlite3.sqlite_version
LOCK_WAIT_SECONDS = 5.0
WAL_LIMIT_BYTES = 64 * 1024 * 1024
_CHECKPOINT_PAGES = 4000
"""16 MiB: a page that changes again and again is copied home four times less often than by default."""


class OneHopConnection(aiosqlite.Connection):
    """An aiosqlite connection that can run a function of ours in its thread."""

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in the connection's thread; cancelling the caller does not stop it half-way."""
        running: asyncio.Future[T] = asyncio.ensure_future(self._hop(work))
        return await asyncio.shield(running)

    async def _hop(self, work: Callable[[sqlite3.Connection], T]) -> T:
        execute: Callable[..., Awaitable[T]] = self._execute  # the public calls are one statement each
        return await execute(work, self._conn)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement with numbered parameters: binding by name takes twice as long."""

    sql: str
    values: Callable[[Parameters], Sequence[object]]
    returns_rows: bool


class SqliteDriver:
    """All access to one SQLite file, durable at every commit (WAL with `synchronous=FULL`)."""

    def __init__(self, connection: OneHopConnection) -> None:
        self._connection = connection
        self._statements = {name: _prepared(each) for name, each in load_statements("sqlite").items()}
        self._closed = False
        self._loop = asyncio.get_running_loop()
        self.notices = Notices()
        self.timings = statement_timings()

    @classmethod
    async def open(cls, path: Path) -> "SqliteDriver":
        """Open or create the file, and check that commits will be durable.

        Raises:
            StoreRefused: The file cannot be used.
        """
        connection = OneHopConnection(
            lambda: sqlite3.connect(
                path, timeout=LOCK_WAIT_SECONDS, isolation_level=None, check_same_thread=False
            ),
            iter_chunk_size=64,
        )
        try:
            await connection
            await connection.run(_prepare)
        except sqlite3.Error as error:
            await connection.close()
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_CORRUPT:
                raise damaged(path, str(error)) from error
            raise StoreRefused(f"cannot use the database {path}: {error}") from error
        except StoreRefused:
            await connection.close()
            raise
        return cls(connection)

    async def transact(self, steps: Steps[T]) -> T:
        """Run the steps in one transaction and make it durable before returning.

        Raises:
            StoreUnavailable: Nothing was changed; trying again later may help.
        """
        return await self._connection.run(lambda connection: self._transact(connection, steps))

    def _transact(self, connection: sqlite3.Connection, steps: Steps[T]) -> T:
        try:
            if connection.in_transaction:  # taking the last one back had failed
                connection.execute("ROLLBACK")
            # A deferred transaction that reads first and writes then fails at once when another one wrote.
            connection.execute("BEGIN IMMEDIATE")
            result, notice = self._run(connection, steps)
            started = perf_counter()
            connection.execute("COMMIT")
            self.timings.observe(perf_counter() - started, "commit")
        except BaseException as error:
            steps.close()
            _take_back(connection)
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, _OUR_FAULT):
                raise StoreUnavailable(f"the database does not take writes: {error}") from error
            raise
        if notice != NOTHING:
            self._loop.call_soon_threadsafe(self.notices.publish, notice)
        return result

    def _run(self, connection: sqlite3.Connection, steps: Steps[T]) -> tuple[T, Notice]:
        notice = NOTHING
        try:
            step = next(steps)
            while True:
                if isinstance(step, Notice):
                    notice |= step
                    step = steps.send(())
                else:
                    started = perf_counter()
                    rows = self._do(connection, step)
                    self.timings.observe(perf_counter() - started, step.statement)
                    step = steps.send(rows)
        except StopIteration as end:
            return end.value, notice

    def _do(self, connection: sqlite3.Connection, do: Do) -> Sequence[Row]:
        statement = self._statements[do.statement]
        if not statement.returns_rows:
            connection.executemany(statement.sql, map(statement.values, do.parameters))
            return ()
        rows: list[Row] = []
        cursor = connection.cursor()
        cursor.row_factory = None  # sqlite3.Row looks for each column in all of them, letter by letter
        for values in map(statement.values, do.parameters):
            if found := cursor.execute(statement.sql, values).fetchall():
                names = [column[0] for column in cursor.description]
                rows.extend(dict(zip(names, one, strict=True)) for one in found)
        return rows

    async def run_script(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function in the connection's thread; for migrations and maintenance."""
        return await self._connection.run(work)

    async def close(self) -> None:
        """Finish what runs, bring the write-ahead log home and close; a second time does nothing."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(sqlite3.Error):  # the log is read again at the next start
            await self._connection.run(lambda c: c.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
        await self._connection.close()


def _prepared(statement: Statement) -> _Prepared:
    sql, names = positional(statement, "?")
    return _Prepared(sql, _values_of(names), statement.returns_rows)


def _values_of(names: Sequence[str]) -> Callable[[Parameters], Sequence[object]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda parameters: [parameters[name] for name in names]


def _take_back(connection: sqlite3.Connection) -> None:
    """SQLite has done it itself after some errors; a broken disk may hinder it until the next transaction."""
    if connection.in_transaction:
        with contextlib.suppress(sqlite3.DatabaseError):
            connection.execute("ROLLBACK")


def _prepare(connection: sqlite3.Connection) -> None:
    connection.row_factory = sqlite3.Row
    mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    connection.execute("PRAGMA synchronous = FULL")
    synchronous = connection.execute("PRAGMA synchronous").fetchone()[0]
    if (mode, synchronous) != ("wal", 2):
        raise StoreRefused(
            f"the database is in journal mode {mode!r} with synchronous {synchronous}; "
            "the relay needs WAL and FULL to keep what it acknowledged"
        )
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")  # what is forgotten is gone from the file
    connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT_BYTES}")
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    connection.execute("PRAGMA cache_size = -65536")
    connection.execute("PRAGMA temp_store = MEMORY")
