"""The named statements: each one is used, none is missing, both databases get their own spelling."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import relay
from relay.store.statements import for_dialect, load_statements, read_queries
from tests.parsing import syntax_of

SOURCES = sorted(Path(relay.__file__).parent.rglob("*.py"))


def strings(path: Path) -> Iterator[str]:
    """Every text in a file's code."""
    for node in ast.walk(syntax_of(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def done_by_name(path: Path) -> Iterator[str]:
    """The statements that a file asks for by a written name."""
    for node in ast.walk(syntax_of(path)):
        match node:
            case ast.Call(func=ast.Name(id="Do" | "rows_of"), args=[ast.Constant(value=str(name)), *_]):
                yield name


def test_every_statement_that_is_asked_for_exists() -> None:
    asked = {name for path in SOURCES for name in done_by_name(path)}
    assert "insert_uplink" in asked
    assert asked - load_statements("sqlite").keys() == set()


def test_every_statement_is_used() -> None:
    written = {text.partition(":")[0] for path in SOURCES for text in strings(path)}
    assert set(names_in_the_file()) - written == set()


def test_every_statement_has_one_name() -> None:
    names = names_in_the_file()
    assert len(names) == len(set(names))
    assert set(names) == {name.partition(":")[0] for name in load_statements("sqlite")}


def names_in_the_file() -> list[str]:
    return re.findall(r"^-- name: (.*)$", read_queries(), re.MULTILINE)


def test_what_is_locked_to_be_changed_is_chosen_once() -> None:
    in_place = re.compile(r"(UPDATE|DELETE)\b.*\bLIMIT\b.*\bFOR UPDATE", re.DOTALL)
    statements = load_statements("postgresql").values()
    assert [one.name for one in statements if in_place.match(one.sql)] == []
    assert sum("FROM chosen" in one.sql for one in statements) >= 10


def test_both_databases_have_the_same_statements_with_the_same_parameters() -> None:
    sqlite, postgresql = load_statements("sqlite"), load_statements("postgresql")
    assert sqlite.keys() == postgresql.keys()
    for name, statement in sqlite.items():
        assert parameters(statement.sql) == parameters(postgresql[name].sql), name
        assert statement.returns_rows == postgresql[name].returns_rows, name


def parameters(sql: str) -> set[str]:
    return set(re.findall(r"(?<!:):(\w+)", re.sub(r"/\*.*?\*/", "", sql, flags=re.DOTALL)))


@pytest.mark.parametrize(
    ("name", "returns_rows"),
    [
        ("ping", True),
        ("insert_uplink", True),
        ("claim_due", True),
        ("insert_callback", False),
        ("settle_delivery", False),
    ],
)
def test_it_is_known_which_statements_answer_with_rows(name: str, returns_rows: bool) -> None:
    assert load_statements("sqlite")[name].returns_rows is returns_rows


def test_what_is_meant_for_one_database_stays_a_comment_for_the_other() -> None:
    sql = "SELECT 1 /* postgresql: FOR UPDATE\n SKIP LOCKED */ /* sqlite: LIMIT 1 */;"
    assert for_dialect(sql, "postgresql") == "SELECT 1 FOR UPDATE\n SKIP LOCKED /* sqlite: LIMIT 1 */;"
    assert for_dialect(sql, "sqlite") == "SELECT 1 /* postgresql: FOR UPDATE\n SKIP LOCKED */ LIMIT 1;"


def test_only_postgresql_locks_what_it_claims() -> None:
    assert "/* postgresql: FOR UPDATE" in load_statements("sqlite")["claim_due"].sql
    assert " FOR UPDATE SKIP LOCKED" in load_statements("postgresql")["claim_due"].sql.replace("/* ", "")
    assert "/*" not in load_statements("postgresql")["claim_due"].sql


def test_only_sqlite_makes_the_key_the_row_id() -> None:
    assert for_dialect("id BIGINT PRIMARY KEY", "sqlite") == "id INTEGER PRIMARY KEY"
    assert for_dialect("id BIGINT PRIMARY KEY", "postgresql") == "id BIGINT PRIMARY KEY"
