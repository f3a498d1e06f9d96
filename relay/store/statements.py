"""Named SQL, read once from the files in `queries/`.

The SQL is a portable subset. What only PostgreSQL understands stands in `/* postgresql: ... */`, what only
SQLite understands in `/* sqlite: ... */`; for the other database it stays a comment. A statement about
`{table}` is there once for each place that holds something sealed, by the name `statement:table.column`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from relay.store.sealed import SEALED_PLACES

Dialect = Literal["sqlite", "postgresql"]

_NAMED = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_PARAMETER = re.compile(r"'(?:[^']|'')*'|/\*.*?\*/|::|:(?P<name>[a-z_]\w*)", re.DOTALL)
"""A parameter, or what only looks like one: text, comments and casts."""


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


@cache
def load_statements(dialect: Dialect) -> Mapping[str, Statement]:
    """All statements by name."""
    parts = _NAMED.split(read_queries())
    written = zip(parts[1::2], parts[2::2], strict=True)
    return {
        name: _statement(name, for_dialect(sql, dialect))
        for pattern in written
        for name, sql in _for_each_place(*pattern)
    }


def read_queries() -> str:
    """The text of all files in `queries/`, in the order of their names."""
    folder = files("relay.store").joinpath("queries")
    found = sorted((entry.name, entry) for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return "\n".join(entry.read_text() for _, entry in found)


def _for_each_place(name: str, sql: str) -> list[tuple[str, str]]:
    if "{table}" not in _without_comments(sql):
        return [(name, sql)]
    return [
        (f"{name}:{place.name}", sql.format(table=place.table, column=place.column, key=place.key))
        for place in SEALED_PLACES
    ]


def _without_comments(sql: str) -> str:
    return re.sub(r"--.*$", "", sql, flags=re.MULTILINE)


def _statement(name: str, sql: str) -> Statement:
    code = _without_comments(sql).strip().rstrip(";")
    words = re.sub(r"/\*.*?\*/", "", code, flags=re.DOTALL).split()
    returns_rows = words[0].upper() in {"SELECT", "WITH"} or "RETURNING" in words
    return Statement(name=name, sql=code, returns_rows=returns_rows)


@cache
def positional(statement: Statement, mark: str = "$") -> tuple[str, tuple[str, ...]]:
    """The statement with `$1`, `$2`, ... for its `:name` parameters, and their names in that order.

    `mark` is what stands before the number: `$` in PostgreSQL, `?` in SQLite.
    """
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return match[0]
        if name not in names:
            names.append(name)
        return f"{mark}{names.index(name) + 1}"

    return _PARAMETER.sub(number, statement.sql), tuple(names)
