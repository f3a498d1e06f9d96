"""Named SQL, read once from `queries.sql`.

The SQL is a portable subset. What only PostgreSQL understands stands in `/* postgresql: ... */`, what only
SQLite understands in `/* sqlite: ... */`; for the other database it stays a comment.
"""

import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

Dialect = Literal["sqlite", "postgresql"]

_NAMED = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement with `:name` parameters; `returns_rows` says whether it answers with rows."""

    name: str
    sql: str
    returns_rows: bool


def for_dialect(sql: str, dialect: Dialect) -> str:
    """Uncomment what is meant for one database."""
    sql = re.sub(rf"/\* {dialect}: (.*?) \*/", r"\1", sql, flags=re.DOTALL)
    if dialect == "sqlite":
        # Only this spelling makes the column the row id itself, and not a second index.
        sql = sql.replace("BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY")
    return sql


def load_statements(dialect: Dialect) -> dict[str, Statement]:
    """All statements of `queries.sql` by name."""
    parts = _NAMED.split(files("relay.store").joinpath("queries.sql").read_text())
    return {
        name: _statement(name, for_dialect(sql, dialect))
        for name, sql in zip(parts[1::2], parts[2::2], strict=True)
    }


def _statement(name: str, sql: str) -> Statement:
    code = re.sub(r"--.*$", "", sql, flags=re.MULTILINE).strip().rstrip(";")
    first_word = code.split(None, 1)[0].upper()
    returns_rows = first_word in {"SELECT", "WITH"} or "RETURNING" in code.split()
    return Statement(name=name, sql=code, returns_rows=returns_rows)
