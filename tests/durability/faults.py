"""A SQLite driver that counts what it executes, and can be told which of it fails."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from relay.store.driver import Steps
from relay.store.sqlite import SqliteDriver

T = TypeVar("T")


@dataclass(slots=True)
class Faults:
    """The `first`-th execution from now fails (from 1; 0: none does), and with `for_good` all after it.

    With `too_late` it fails although it was done, as when the disk answers with an error after a commit.
    """

    first: int = 0
    for_good: bool = False
    too_late: bool = False
    seen: int = 0

    def arm(self, first: int, *, for_good: bool, too_late: bool) -> None:
        """Count from here."""
        self.first, self.for_good, self.too_late, self.seen = first, for_good, too_late, 0

    def heal(self) -> None:
        """Nothing fails any more; the count goes on."""
        self.first = 0

    def strikes(self) -> bool:
        """Count an execution; whether it fails."""
        self.seen += 1
        return self.seen == self.first or (self.for_good and 0 < self.first < self.seen)


class FailingCursor(sqlite3.Cursor):
    """Executes, unless the fault strikes."""

    faults: Faults

    def execute(self, sql: str, parameters: Any = ()) -> Self:
        if not self.faults.strikes():
            return super().execute(sql, parameters)
        if self.faults.too_late:
            super().execute(sql, parameters).fetchall()
        raise sqlite3.OperationalError("disk I/O error")


@dataclass(slots=True)
class FailingConnection:
    """What the driver uses of a connection. Taking back always works, as it does in SQLite."""

    connection: sqlite3.Connection
    faults: Faults

    @property
    def in_transaction(self) -> bool:
        return self.connection.in_transaction

    def cursor(self) -> "FailingCursor":
        cursor = self.connection.cursor(FailingCursor)
        cursor.faults = self.faults
        return cursor

    def execute(self, sql: str) -> sqlite3.Cursor:
        return self.connection.execute(sql) if sql == "ROLLBACK" else self.cursor().execute(sql)

    def executemany(self, sql: str, many: Iterable[Sequence[object]]) -> None:
        cursor = self.cursor()
        for parameters in many:
            cursor.execute(sql, parameters)


class FailingDriver(SqliteDriver):
    """The real one over such connections."""

    faults = Faults()

    def _transact(self, connection: sqlite3.Connection, steps: Steps[T]) -> T:
        return super()._transact(FailingConnection(connection, self.faults), steps)
