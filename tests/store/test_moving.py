"""Everything moves from SQLite to PostgreSQL and back, whatever tables there are."""

import io
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from relay.config import DatabaseKind, DatabaseUrl, parse_database
from relay.errors import StoreRefused
from relay.store.driver import rows_of
from relay.store.moving import export_copy, export_postgresql, import_database
from relay.store.opening import open_database
from relay.store.schema import load_tables
from relay.store.store import open_store
from tests.store.conftest import DATABASES
from tests.store.given import VAULT, accept, bound_device
from tests.store.postgresql_database import opened_url

ROWS = 1203
"""More than two chunks."""
VALUES: dict[str, Callable[[int], object]] = {
    "BIGINT": lambda number: number,
    "INTEGER": lambda number: number,
    "DOUBLE PRECISION": lambda number: number / 3,
    "TEXT": lambda number: f"{'aZž~_'[number % 5]}{number} žluťoučký \u2028\U0001f4e1 \"'\\\n\x7f",
    "BYTEA": lambda number: bytes([number % 256, 0, 255]) + str(number).encode(),
}


def sqlite_url(path: Path) -> DatabaseUrl:
    return parse_database(f"sqlite:///{path}")


@pytest.fixture
async def filled(tmp_path: Path) -> DatabaseUrl:
    """A SQLite database with rows in all tables, of all lengths of chunks."""
    url = sqlite_url(tmp_path / "filled.db")
    async with open_database(url):
        pass
    with closing(sqlite3.connect(url.path)) as connection, connection:
        for position, table in enumerate(load_tables()):
            columns = connection.execute(
                'SELECT type, "notnull" OR pk FROM pragma_table_info(?) ORDER BY cid', (table.name,)
            ).fetchall()
            rows = [
                [VALUES[kind](number) if needed or number % 2 else None for kind, needed in columns]
                for number in range(1, ROWS if position < 2 else 4)
            ]
            places = ", ".join("?" * len(table.columns))
            connection.executemany(f"INSERT INTO {table.name} VALUES ({places})", rows)
    return url


async def exported(database: DatabaseUrl) -> str:
    out = io.StringIO()
    if database.kind is DatabaseKind.SQLITE:
        await export_copy(database.path, out)
    else:
        await export_postgresql(database, out)
    return out.getvalue()


async def test_an_export_that_was_imported_is_exported_identically(
    tmp_path: Path, filled: DatabaseUrl, postgresql_url: str
) -> None:
    there, back = parse_database(postgresql_url), sqlite_url(tmp_path / "back.db")

    first = await exported(filled)
    counts = await import_database(io.StringIO(first), there)
    second = await exported(there)
    await import_database(io.StringIO(second), back)
    third = await exported(back)

    assert first == second == third
    assert counts == json.loads(first.splitlines()[-1])["counts"]
    assert min(counts.values()) > 0


@pytest.fixture(params=DATABASES)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> DatabaseUrl:
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "target.db")
    return parse_database(request.getfixturevalue("postgresql_url"))


async def test_what_was_imported_goes_on_with_fresh_ids(tmp_path: Path, target: DatabaseUrl) -> None:
    source = sqlite_url(tmp_path / "source.db")
    async with open_database(source) as opened, open_store(opened.driver, VAULT, "node-1") as store:
        binding = await bound_device(store)
        kept = await accept(store)
    await import_database(io.StringIO(await exported(source)), target)

    async with open_database(target) as opened, open_store(opened.driver, VAULT, "node-2") as store:
        endpoint = await store.find_endpoint(binding.endpoint.id)
        (fresh,) = await store.driver.transact(rows_of("take_ids", count=1))
    assert endpoint is not None
    assert endpoint.url == binding.endpoint.url
    assert fresh["first_id"] > kept.deliveries[0].id


@pytest.fixture
async def empty(tmp_path: Path) -> DatabaseUrl:
    url = sqlite_url(tmp_path / "empty.db")
    async with open_database(url):
        pass
    return url


def lines_of(text: str) -> list[str]:
    return text.splitlines(keepends=True)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda lines: [], "no JSON"),
        (lambda lines: ["{}\n", *lines], "no export"),
        (lambda lines: [lines[0].replace("0001_start", "0001_other"), *lines[1:]], "one version for both"),
        (lambda lines: lines[:-1], "ends in the middle"),
        (lambda lines: [*lines[:-2], lines[-1]], "not hold as many rows"),
        (lambda lines: [*lines[:5], lines[5][:9]], "no JSON"),
        (lambda lines: [lines[0], lines[1].replace('"row"', '"raw"'), *lines[2:]], "no row"),
        (lambda lines: [*lines, lines[1]], "behind its end"),
        (lambda lines: [lines[0], lines[1], lines[1], *lines[2:]], "does not take"),
    ],
)
async def test_an_export_that_is_not_whole_changes_nothing(
    empty: DatabaseUrl, filled: DatabaseUrl, spoil: Callable[[list[str]], list[str]], said: str
) -> None:
    before = await exported(empty)
    spoiled = "".join(spoil(lines_of(await exported(filled))))

    with pytest.raises(StoreRefused, match=said):
        await import_database(io.StringIO(spoiled), empty)

    assert await exported(empty) == before


async def test_a_row_twice_changes_nothing_on_postgresql(filled: DatabaseUrl, postgresql_url: str) -> None:
    target = parse_database(postgresql_url)
    async with opened_url(postgresql_url):
        pass
    before = await exported(target)
    header, first, *rest = lines_of(await exported(filled))

    with pytest.raises(StoreRefused, match="duplicate key"):
        await import_database(io.StringIO("".join([header, first, first, *rest])), target)

    assert await exported(target) == before


async def test_nothing_is_imported_over_something(filled: DatabaseUrl) -> None:
    export = await exported(filled)

    with pytest.raises(StoreRefused, match="not empty"):
        await import_database(io.StringIO(export), filled)

    assert await exported(filled) == export
