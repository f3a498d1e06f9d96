"""Bringing a database to the shape that this program knows: forward only, each step in one transaction."""

import hashlib
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from relay.errors import StoreRefused
from relay.store.statements import Dialect, for_dialect

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

MIGRATION_LOCK = 5_190_001
"""Of PostgreSQL's advisory lock under which a database is migrated once though two nodes start at once."""
LONGEST_MIGRATION_SECONDS = 6 * 3600.0

_NUMBERED = re.compile(r"\d{4}_\w+\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file; its digest shows later whether the database was made by the same text."""

    name: str
    sql: str

    @property
    def sha256(self) -> str:
        """Digest of the file's text, in hex."""
        return hashlib.sha256(self.sql.encode()).hexdigest()


def load_migrations() -> list[Migration]:
    """All migrations in order."""
    folder = files("relay.store").joinpath("migrations")
    names = sorted(entry.name for entry in folder.iterdir() if _NUMBERED.fullmatch(entry.name))
    return [Migration(name, folder.joinpath(name).read_text()) for name in names]


def pending(known: Sequence[Migration], applied: Sequence[tuple[str, str]]) -> list[Migration]:
    """The migrations that a database still lacks; `applied` are its names and digests, in order.

    Raises:
        StoreRefused: The database is newer than this program, or was made by another history.
    """
    if len(applied) > len(known):
        raise StoreRefused(
            f"the database is at {applied[-1][0]}, this program knows {known[-1].name}: run the newer program"
        )
    for migration, (name, digest) in zip(known, applied, strict=False):
        if (migration.name, migration.sha256) != (name, digest):
            raise StoreRefused(f"the database was made by another {name} than the one this program carries")
    return list(known[len(applied) :])


def migrate_sqlite(connection: sqlite3.Connection, path: Path) -> list[str]:
    """Apply what is missing, after copying a database that holds something; returns the names applied.

    Raises:
        StoreRefused: The database is newer, foreign, or the copy cannot be made.
    """
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations"
        " (position INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL)"
    )
    rows = connection.execute("SELECT name, sha256 FROM migrations ORDER BY position").fetchall()
    missing = pending(load_migrations(), [(row[0], row[1]) for row in rows])
    if missing and rows:
        _copy(connection, path, rows[-1][0])
    for migration in missing:
        _apply(connection, migration, "sqlite")
    return [migration.name for migration in missing]


def _copy(connection: sqlite3.Connection, path: Path, at: str) -> None:
    copy = path.with_name(f"{path.name}.before-{at.removesuffix('.sql')}-upgrade")
    copy.unlink(missing_ok=True)
    try:
        connection.execute("VACUUM INTO ?", (str(copy),))
    except sqlite3.Error as error:
        raise StoreRefused(f"cannot make the safety copy {copy}: {error}") from error


def _apply(connection: sqlite3.Connection, migration: Migration, dialect: Dialect) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in split_statements(for_dialect(migration.sql, dialect)):
            connection.execute(statement)
        connection.execute(
            "INSERT INTO migrations (name, sha256) VALUES (?, ?)", (migration.name, migration.sha256)
        )
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def split_statements(sql: str) -> list[str]:
    """The statements of a script; `sqlite3.executescript` would commit between them."""
    found, current = [], ""
    for line in sql.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            found.append(current)
            current = ""
    return found


async def migrate_postgresql(connection: "PoolConnectionProxy", *, existing: bool) -> list[str]:
    """Apply what is missing, all in one transaction; returns the names applied.

    Other nodes may be using an `existing` database, so when to change it is the operator's choice. An empty
    one nobody uses.

    Raises:
        StoreRefused: The database is newer, foreign, or older and not to be changed now.
    """
    applied = await _applied(connection)
    missing = pending(load_migrations(), applied)
    if missing and applied and not existing:
        raise StoreRefused(
            f"the database is at {applied[-1][0]}, this program needs {missing[-1].name}: "
            "run `relay migrate`, or start it with `relay serve --migrate`"
        )
    return await _migrate_alone(connection) if missing else []


async def _applied(connection: "PoolConnectionProxy") -> list[tuple[str, str]]:
    if await connection.fetchval("SELECT to_regclass('migrations')") is None:
        return []
    rows = await connection.fetch("SELECT name, sha256 FROM migrations ORDER BY position")
    return [(row["name"], row["sha256"]) for row in rows]


async def _migrate_alone(connection: "PoolConnectionProxy") -> list[str]:
    await connection.execute(
        "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0;"
        "SET LOCAL lock_timeout = '60s'"
    )
    await connection.execute(
        f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK});"
        "CREATE TABLE IF NOT EXISTS migrations"
        " (position INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL)",
        timeout=LONGEST_MIGRATION_SECONDS,
    )
    known = load_migrations()
    missing = pending(known, await _applied(connection))
    for migration in missing:
        await connection.execute(for_dialect(migration.sql, "postgresql"), timeout=LONGEST_MIGRATION_SECONDS)
        await connection.execute(
            "INSERT INTO migrations (position, name, sha256) VALUES ($1, $2, $3)",
            known.index(migration) + 1,
            migration.name,
            migration.sha256,
        )
    await connection.execute("COMMIT")
    return [migration.name for migration in missing]
