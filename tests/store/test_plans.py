"""SQLite finds rows by an index: no statement that runs all the time looks at all of a large table."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from relay.store.migrate import migrate_sqlite
from relay.store.statements import Statement, load_statements

LARGE = (
    "deliveries",
    "uplinks",
    "callbacks",
    "attempts",
    "endpoints",
    "devices",
    "downlinks",
    "device_events",
)
ALL_ROWS = {
    "digests_by_pepper": "once, in `relay rotate-keys`",
    "forget_previous_secrets": "in the sweep of every ten minutes; endpoints only",
    "forget_attempts": "ends at its limit",
    "forget_callbacks": "ends at its limit",
    "forget_downlinks": "ends at its limit",
    "list_deliveries": "ends at its window",
}
"""Statements that may look at rows in no index's order, and why that is no harm."""

PLAN = re.compile(r"^SCAN (\w+)(?! USING)")
NAMED = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+(\w+)(?:\s+AS\s+(\w+))?")

STATEMENTS = load_statements("sqlite")


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    path = tmp_path_factory.mktemp("plans") / "relay.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate_sqlite(connection, path)
        yield connection


def plan_of(connection: sqlite3.Connection, statement: Statement) -> list[str]:
    names = re.findall(r"(?<!:):([a-z_]\w*)", statement.sql)
    rows = connection.execute("EXPLAIN QUERY PLAN " + statement.sql, dict.fromkeys(names, 1))
    return [row[3] for row in rows]


def scanned(connection: sqlite3.Connection, statement: Statement) -> set[str]:
    """The large tables of which it looks at all rows."""
    tables = {alias or table: table for table, alias in NAMED.findall(statement.sql)}
    found = (PLAN.match(line) for line in plan_of(connection, statement))
    return {tables.get(match[1], match[1]) for match in found if match} & set(LARGE)


def test_no_statement_looks_at_all_rows_of_a_large_table(connection: sqlite3.Connection) -> None:
    guilty = {
        name: sorted(tables)
        for name, statement in STATEMENTS.items()
        if name not in ALL_ROWS and not name.startswith("sealed_by_key:")
        if (tables := scanned(connection, statement))
    }
    assert guilty == {}


def test_open_deliveries_of_one_endpoint_are_not_looked_for_among_those_of_all(
    connection: sqlite3.Connection,
) -> None:
    other = re.compile(r"deliveries USING .*deliveries_(due|held|dead)")
    guilty = [
        name
        for name, statement in STATEMENTS.items()
        if "endpoint_id = :endpoint_id" in statement.sql
        and any(map(other.search, plan_of(connection, statement)))
    ]
    assert guilty == []


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("claim_due", "deliveries_due"),
        ("claim_suspects", "deliveries_suspect"),
        ("free_leases", "due_at_ms>?"),
    ],
)
def test_a_million_that_wait_are_not_all_looked_at(
    connection: sqlite3.Connection, name: str, index: str
) -> None:
    assert any(index in line for line in plan_of(connection, STATEMENTS[name]))


def test_only_draining_endpoints_are_looked_at(connection: sqlite3.Connection) -> None:
    assert any("endpoints_to_drain" in line for line in plan_of(connection, STATEMENTS["endpoints_to_drain"]))
