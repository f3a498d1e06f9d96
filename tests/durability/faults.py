"""A SQLite driver that counts what it executes, and can be told which of it fails."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

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


@dataclass(slots=True)
class FailingConnection:
    """What the driver uses of a connection. Taking back always works, as it does in SQLite."""

    connection: sqlite3.Connection
    faults: Faults

    @property
    def in_transaction(self) -> bool:
        return self.connection.in_transaction

    def execute(self, sql: str, parameters: Mapping[str, object] | None = None) -> sqlite3.Cursor:
        if sql == "ROLLBACK":
            return self.connection.execute(sql)
        if not self.faults.strikes():
            return self.connection.execute(sql, parameters or {})
        if self.faults.too_late:
            self.connection.execute(sql, parameters or {}).fetchall()
        raise sqlite3.OperationalError("disk I/O error")

    def executemany(self, sql: str, many: Sequence[Mapping[str, object]]) -> None:
        for parameters in many:
            self.execute(sql, parameters)


class FailingDriver(SqliteDriver):
    """The real one over such connections."""

    faults = Faults()

    def _transact(self, connection: sqlite3.Connection, steps: Steps[T]) -> T:
        return super()._transact(FailingConnection(connection, self.faults), steps)
