"""The tables that the migrations make, in an order in which rows may be put into them."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from graphlib import TopologicalSorter

from relay.store.migrate import load_migrations, split_statements
from relay.store.statements import for_dialect

NO_DATA = frozenset({"id_blocks", "migrations", "nodes"})
"""What belongs to one database or to the processes that use it just now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table; `key` are the columns of its primary key, by which its rows are in order."""

    name: str
    columns: Sequence[str]
    key: Sequence[str]
    text_key: frozenset[str]


def load_tables() -> list[Table]:
    """All tables that hold data; what others refer to comes first."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for migration in load_migrations():
            for statement in split_statements(for_dialect(migration.sql, "sqlite")):
                connection.execute(statement)
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        graph = {
            name: _referred_to(connection, name)
            for (name,) in names.fetchall()
            if name not in NO_DATA and not name.startswith("sqlite_")
        }
        return [_table(connection, name) for name in TopologicalSorter(graph).static_order()]


def _referred_to(connection: sqlite3.Connection, name: str) -> list[str]:
    rows = connection.execute('SELECT DISTINCT "table" FROM pragma_foreign_key_list(?)', (name,))
    return sorted(row[0] for row in rows)


def _table(connection: sqlite3.Connection, name: str) -> Table:
    rows = connection.execute(
        "SELECT name, type, pk FROM pragma_table_info(?) ORDER BY cid", (name,)
    ).fetchall()
    key = sorted((position, column) for column, _, position in rows if position)
    return Table(
        name=name,
        columns=[column for column, _, _ in rows],
        key=[column for _, column in key],
        text_key=frozenset(column for column, kind, position in rows if position and kind == "TEXT"),
    )
