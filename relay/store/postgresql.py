"""The PostgreSQL driver: a pool of connections, every transaction on one of them."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

import asyncpg
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_delay, wait_exponential

from relay.config import DatabaseUrl
from relay.errors import ConfigError, StoreRefused, StoreUnavailable
from relay.metrics import statement_timings
from relay.store.backoff import FIRST_SECONDS, LONGEST_SECONDS, Backoff
from relay.store.driver import Do, Row, Steps
from relay.store.migrate import migrate_postgresql
from relay.store.notices import NOTHING, Notice, Notices
from relay.store.postgresql_notices import Ear
from relay.store.postgresql_session import (
    SETTINGS,
    TROUBLE,
    check_session,
    is_unavailable,
    may_be_reached_later,
    reason,
)
from relay.store.statements import load_statements, positional

if TYPE_CHECKING:
    from asyncpg.connection import Connection
    from asyncpg.pool import PoolConnectionProxy

T = TypeVar("T")

_log = logging.getLogger(__name__)

POOL_SIZE = 8
CONNECT_SECONDS = 5.0
ACQUIRE_SECONDS = 5.0
COMMAND_SECONDS = 15.0
"""Longer than the server's own limits, so it runs out only when the network went silent."""
ROLLBACK_SECONDS = 2.0
CLOSE_SECONDS = 10.0
STATEMENTS_CACHED = 1000


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement in PostgreSQL's form."""

    sql: str
    names: tuple[str, ...]
    returns_rows: bool


class PostgresqlDriver:
    """All access to one PostgreSQL database, durable at every commit (`synchronous_commit=on`)."""

    def __init__(self, url: DatabaseUrl) -> None:
        self.clock_ahead_seconds = 0.0
        self.notices = Notices(travel=True)
        self.timings = statement_timings()
        self._ear = Ear(notices=self.notices, connect=self._connect, say=self._say)
        self._url = url
        self._backoff = Backoff()
        self._statements = {
            statement.name: _Prepared(*positional(statement), statement.returns_rows)
            for statement in load_statements("postgresql").values()
        }
        self._pool = asyncpg.create_pool(
            url.url,
            min_size=0,
            max_size=POOL_SIZE,
            init=self._prepare,
            reset=_nothing_to_reset,
            timeout=CONNECT_SECONDS,
            command_timeout=COMMAND_SECONDS,
            statement_cache_size=STATEMENTS_CACHED,
            server_settings=SETTINGS,
        )

    @classmethod
    async def open(cls, url: DatabaseUrl, wait_seconds: float) -> "PostgresqlDriver":
        """Reach the database, waiting for it a while, and check that commits will be durable.

        Raises:
            ConfigError: The URL cannot be used.
            StoreRefused: The database does not let the relay in, or would not keep what it acknowledges.
            StoreUnavailable: It cannot be reached within `wait_seconds`.
        """
        driver = cls(url)
        await driver._pool
        try:
            await driver._wait_until_reached(wait_seconds)
        except BaseException:
            await driver.close()
            raise
        return driver

    async def transact(self, steps: Steps[T]) -> T:
        """Run the steps in one transaction and make it durable before returning.

        Cancelling the caller does not stop it half-way. When the connection is lost during the commit nobody
        can tell whether it took place; that counts as unavailable, so steps must bear being done twice.

        Raises:
            StoreUnavailable: Trying again later may help.
        """
        return await asyncio.shield(asyncio.ensure_future(self._transact(steps)))

    async def migrate(self, *, existing: bool) -> list[str]:
        """Make an empty database, or with `existing` bring any up to date; returns the migrations applied.

        Raises:
            StoreRefused: It is newer, foreign, or older and must not be changed now.
            StoreUnavailable: Trying again later may help.
        """
        try:
            return await self.run_script(lambda connection: migrate_postgresql(connection, existing=existing))
        except asyncpg.PostgresError as error:
            raise StoreRefused(f"cannot bring {self._url} up to date: {reason(error)}") from error

    async def run_script(self, work: "Callable[[PoolConnectionProxy], Awaitable[T]]") -> T:
        """Run a function on one connection; for migrations and maintenance.

        Raises:
            StoreUnavailable: Trying again later may help.
        """
        async with self._connection() as connection:
            return await work(connection)

    async def listen(self) -> None:
        """Hear what the transactions of other nodes change, until cancelled."""
        await self._ear.listen()

    async def close(self) -> None:
        """Finish what runs, then close all connections."""
        try:
            await asyncio.wait_for(self._pool.close(), CLOSE_SECONDS)
        except TROUBLE:
            self._pool.terminate()

    async def _transact(self, steps: Steps[T]) -> T:
        try:
            async with self._connection() as connection:
                await connection.execute("BEGIN")
                result, notice = await self._run(connection, steps)
                started = perf_counter()
                await connection.execute(self._commit(notice))
                self.timings.observe(perf_counter() - started, "commit")
            self.notices.publish(notice)
            return result
        finally:
            steps.close()

    def _commit(self, notice: Notice) -> str:
        """In one round trip, the notice as well."""
        return "COMMIT" if notice == NOTHING else f"{self._ear.statement(notice)}; COMMIT"

    async def _run(self, connection: "PoolConnectionProxy", steps: Steps[T]) -> tuple[T, Notice]:
        notice = NOTHING
        try:
            step = next(steps)
            while True:
                if isinstance(step, Notice):
                    notice |= step
                    step = steps.send(())
                else:
                    started = perf_counter()
                    rows = await self._do(connection, step)
                    self.timings.observe(perf_counter() - started, step.statement)
                    step = steps.send(rows)
        except StopIteration as end:
            return end.value, notice

    async def _do(self, connection: "PoolConnectionProxy", do: Do) -> Sequence[Row]:
        """One round trip, however many sets of parameters there are."""
        statement = self._statements[do.statement]
        arguments = [[parameters[name] for name in statement.names] for parameters in do.parameters]
        if not arguments:
            return ()
        if statement.returns_rows:
            return await connection.fetchmany(statement.sql, arguments)
        await connection.executemany(statement.sql, arguments)
        return ()

    @asynccontextmanager
    async def _connection(self) -> "AsyncIterator[PoolConnectionProxy]":
        """A connection; whatever it was left in the middle of is undone."""
        connection = await self._acquire()
        try:
            yield connection
        except BaseException as error:
            await self._undo(connection, error)
            if is_unavailable(error):
                raise StoreUnavailable(f"the database failed: {reason(error)}") from error
            raise
        finally:
            with contextlib.suppress(*TROUBLE):  # the transaction has ended; the pool closes this connection
                await self._pool.release(connection, timeout=ROLLBACK_SECONDS)

    async def _acquire(self) -> "PoolConnectionProxy":
        if self._backoff.is_resting:
            raise StoreUnavailable("the database cannot be reached; waiting before the next try")
        try:
            connection = await self._pool.acquire(timeout=ACQUIRE_SECONDS)
        except (*TROUBLE, StoreRefused, StoreUnavailable) as error:
            if not self._backoff.is_failing:
                _log.error("database.lost", extra={"error": reason(error)})
            self._backoff.failed()
            raise StoreUnavailable(f"the database cannot be reached: {reason(error)}") from error
        if self._backoff.is_failing:
            _log.info("database.reached")
            self._backoff.worked()
        return connection

    async def _undo(self, connection: "PoolConnectionProxy", error: BaseException) -> None:
        if isinstance(error, OSError):
            # A network that went silent: the other connections are as dead, and each would take its time-out.
            await self._pool.expire_connections()
        elif await _rolled_back(connection):
            return
        with contextlib.suppress(asyncpg.InterfaceError):  # it is gone already
            connection.terminate()

    async def _connect(self) -> "Connection":
        return await asyncpg.connect(self._url.url, timeout=CONNECT_SECONDS, server_settings=SETTINGS)

    async def _say(self, statement: str) -> None:
        async with self._connection() as connection:
            await connection.execute(statement)

    async def _prepare(self, connection: "Connection") -> None:
        self.clock_ahead_seconds = await check_session(connection)

    async def _wait_until_reached(self, wait_seconds: float) -> None:
        def note(state: RetryCallState) -> None:
            error = state.outcome.exception() if state.outcome else None
            _log.warning("database.waiting", extra={"error": reason(error) if error else None})

        attempts = AsyncRetrying(
            stop=stop_after_delay(wait_seconds),
            wait=wait_exponential(multiplier=FIRST_SECONDS, max=LONGEST_SECONDS),
            retry=retry_if_exception(may_be_reached_later),
            before_sleep=note,
            reraise=True,
        )
        try:
            await attempts(self._try_out)
        except (*TROUBLE, ValueError, StoreRefused, StoreUnavailable) as error:
            raise self._cannot_start(error) from error

    async def _try_out(self) -> None:
        connection = await self._pool.acquire(timeout=ACQUIRE_SECONDS)
        await self._pool.release(connection)

    def _cannot_start(self, error: Exception) -> Exception:
        if isinstance(error, ValueError) and not isinstance(error, OSError):  # a wrong certificate is both
            return ConfigError(f"database: {self._url}: {reason(error)}")
        kind = StoreUnavailable if may_be_reached_later(error) else StoreRefused
        return kind(f"the database {self._url} cannot be used: {reason(error)}")


async def _rolled_back(connection: "PoolConnectionProxy") -> bool:
    try:
        await connection.execute("ROLLBACK", timeout=ROLLBACK_SECONDS)
    except TROUBLE:
        return False
    return True


async def _nothing_to_reset(_: "Connection") -> None:
    """No transaction of ours leaves anything in its session; PostgreSQL's own reset is a round trip more."""
