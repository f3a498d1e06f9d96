"""Bringing a SQLite database to the shape that this program knows."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from relay.errors import StoreRefused
from relay.store import migrate
from relay.store.migrate import Migration, load_migrations, migrate_sqlite, pending, split_statements
from relay.store.opening import open_sqlite
from relay.store.store import open_store
from tests.store.given import VAULT, accept

FIRST = Migration("0001_one.sql", "CREATE TABLE one (a BIGINT PRIMARY KEY);")
SECOND = Migration("0002_two.sql", "CREATE TABLE two (b BIGINT PRIMARY KEY);\nINSERT INTO two VALUES (2);")
HALF = Migration(
    "0002_half.sql",
    "CREATE TABLE two (b TEXT);\nINSERT INTO one VALUES (1);\nINSERT INTO nowhere VALUES (1);",
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "relay.db"


def bring_up(path: Path, known: Sequence[Migration], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Migrate a file with a program that knows these migrations."""
    monkeypatch.setattr(migrate, "load_migrations", lambda: list(known))
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        return migrate_sqlite(connection, path)
    finally:
        connection.close()


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def tables(path: Path) -> set[str]:
    return {str(row[0]) for row in ask(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}


async def test_a_new_database_gets_all_migrations_and_the_second_start_none(path: Path) -> None:
    async with open_sqlite(path) as database, open_store(database.driver, VAULT, "node"):
        assert database.applied == [migration.name for migration in load_migrations()]
    async with open_sqlite(path) as database, open_store(database.driver, VAULT, "node"):
        assert database.applied == []
    assert list(path.parent.glob("*upgrade*")) == []


async def test_what_was_kept_survives_a_restart(path: Path) -> None:
    async with open_sqlite(path) as database, open_store(database.driver, VAULT, "node") as store:
        first = await accept(store)
    async with open_sqlite(path) as database, open_store(database.driver, VAULT, "node") as store:
        assert (await accept(store)).uplink_id == first.uplink_id


def test_the_migrations_of_this_program_are_numbered_without_gaps() -> None:
    numbers = [int(migration.name[:4]) for migration in load_migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_only_what_is_missing_is_applied_in_order(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bring_up(path, [FIRST], monkeypatch) == ["0001_one.sql"]
    assert bring_up(path, [FIRST, SECOND], monkeypatch) == ["0002_two.sql"]
    assert bring_up(path, [FIRST, SECOND], monkeypatch) == []
    assert ask(path, "SELECT name FROM migrations ORDER BY position") == [
        ("0001_one.sql",),
        ("0002_two.sql",),
    ]


def test_a_newer_database_is_refused(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring_up(path, [FIRST, SECOND], monkeypatch)
    with pytest.raises(StoreRefused, match=r"is at 0002_two\.sql, this program knows 0001_one\.sql"):
        bring_up(path, [FIRST], monkeypatch)
    assert "two" in tables(path)


@pytest.mark.parametrize(
    "foreign", [Migration(FIRST.name, FIRST.sql + " "), Migration("0001_x.sql", FIRST.sql)]
)
def test_a_database_of_another_history_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch, foreign: Migration
) -> None:
    bring_up(path, [foreign], monkeypatch)
    with pytest.raises(StoreRefused, match="made by another"):
        bring_up(path, [FIRST, SECOND], monkeypatch)
    assert "two" not in tables(path)


def test_a_copy_is_made_before_a_database_is_changed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring_up(path, [FIRST], monkeypatch)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("INSERT INTO one VALUES (42)")
    connection.close()
    bring_up(path, [FIRST, SECOND], monkeypatch)
    copy = path.with_name("relay.db.before-0001_one-upgrade")
    assert ask(copy, "SELECT a FROM one") == [(42,)]
    assert "two" not in tables(copy)
    assert "two" in tables(path)


def test_without_a_copy_nothing_is_changed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring_up(path, [FIRST], monkeypatch)
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)
    path.with_name("relay.db.before-0001_one-upgrade").write_text("in the way")
    with pytest.raises(StoreRefused, match="cannot make the safety copy"):
        bring_up(path, [FIRST, SECOND], monkeypatch)
    assert "two" not in tables(path)


def test_a_copy_of_an_earlier_try_is_replaced(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring_up(path, [FIRST], monkeypatch)
    copy = path.with_name("relay.db.before-0001_one-upgrade")
    copy.write_text("half a copy")
    bring_up(path, [FIRST, SECOND], monkeypatch)
    assert "one" in tables(copy)


def test_a_migration_that_fails_leaves_nothing_behind(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bring_up(path, [FIRST], monkeypatch)
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        bring_up(path, [FIRST, HALF], monkeypatch)
    assert "two" not in tables(path)
    assert ask(path, "SELECT a FROM one") == []
    assert ask(path, "SELECT name FROM migrations") == [("0001_one.sql",)]
    assert bring_up(path, [FIRST, SECOND], monkeypatch) == ["0002_two.sql"]


async def test_a_migration_that_fails_refuses_the_start_and_lets_the_lock_go(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_up(path, [FIRST], monkeypatch)
    monkeypatch.setattr(migrate, "load_migrations", lambda: [FIRST, HALF])
    for _ in range(2):
        with pytest.raises(StoreRefused, match=r"cannot bring .* up to date: no such table"):
            async with open_sqlite(path):
                pytest.fail("it was opened")


def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(path: Path) -> None:
    async def open_it() -> None:
        async with open_sqlite(path):
            pytest.fail("it was opened")

    path.write_text("no database " * 100)
    with pytest.raises(StoreRefused, match="cannot use the database"):
        asyncio.run(open_it())
    assert path.read_text() == "no database " * 100


async def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="does not exist"):
        async with open_sqlite(tmp_path / "missing" / "relay.db"):
            pytest.fail("it was opened")


def test_a_database_that_lacks_all_needs_all() -> None:
    assert pending([FIRST, SECOND], []) == [FIRST, SECOND]
    assert pending([FIRST, SECOND], [(FIRST.name, FIRST.sha256), (SECOND.name, SECOND.sha256)]) == []


def test_a_script_is_split_where_its_statements_end() -> None:
    script = "-- a; comment\nCREATE TABLE a (\n  b TEXT DEFAULT 'x;y'\n);\nINSERT INTO a VALUES (';');\n"
    assert [part.split(None, 1)[0] for part in split_statements(script)] == ["--", "INSERT"]


def test_devices_of_older_versions_are_answered_and_shown_as_before(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = load_migrations()
    bring_up(path, known[:8], monkeypatch)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO devices VALUES (?, '', x'00', '', '', 'en', ?, ?, 0)",
            [(1, "00" * 8, ""), (2, "", "a::uint:8"), (3, "", "")],
        )
    bring_up(path, known, monkeypatch)
    assert ask(path, "SELECT number, downlink_chain, display, type_id FROM devices ORDER BY number") == [
        (1, "direct", "", 0),
        (2, "", "custom", 0),
        (3, "", "", 0),
    ]
