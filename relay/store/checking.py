"""Looking at a SQLite file that nobody closed."""

import sqlite3
from pathlib import Path

from relay.errors import StoreRefused


def damaged(path: Path, fault: str) -> StoreRefused:
    """What the operator is told."""
    return StoreRefused(
        f"the database {path} is damaged: {fault}. Nothing was changed. "
        "Keep a copy of the file with its -wal; then restore the newest backup, or rescue what is left: "
        f"sqlite3 {path} .recover | sqlite3 rescued.db"
    )


def check_sqlite(connection: sqlite3.Connection, path: Path) -> None:
    """See whether a file is whole after its last process did not end in order.

    Raises:
        StoreRefused: It is damaged. It is left as it is: what can still be read in it must not be lost.
    """
    if fault := _first_fault(connection):
        raise damaged(path, fault)


def _first_fault(connection: sqlite3.Connection) -> str | None:
    try:
        said = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if said == "ok" else said.replace("\n", " ")
