"""Everything in a database as JSON Lines, the same on SQLite and PostgreSQL.

The first line tells the version and the migrations, the last one how many rows each table has; each line
between is a row. What is sealed stays sealed, as base64.
"""

import base64
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import groupby
from typing import IO, Any, Protocol

from relay import __version__
from relay.errors import StoreRefused
from relay.store.migrate import load_migrations
from relay.store.schema import Table, load_tables

FORMAT = 1
CHUNK_ROWS = 500

Values = Sequence[Any]


class Source(Protocol):
    """A database as it is at one moment."""

    async def migrations(self) -> list[str]:
        """The names of those applied."""

    def rows(self, table: Table) -> AsyncIterator[Sequence[Values]]:
        """All rows of a table in the order of its key, in chunks; values in the order of its columns."""


class Sink(Protocol):
    """An empty database, filled in one transaction."""

    async def count(self, table: Table) -> int:
        """How many rows there are."""

    async def insert(self, table: Table, rows: Sequence[Values]) -> None:
        """Put rows in."""

    async def finish(self, next_id: int) -> None:
        """Let fresh ids begin here, and commit."""


async def export_to(source: Source, out: IO[str]) -> dict[str, int]:
    """Write all there is; the answer is how many rows each table has.

    Raises:
        StoreRefused: The database is not up to date.
    """
    known = [migration.name for migration in load_migrations()]
    if await source.migrations() != known:
        raise StoreRefused("the database is not up to date: run `relay migrate` first")
    _write(out, {"relay_export": FORMAT, "version": __version__, "migrations": known})
    counts: Counter[str] = Counter()
    for table in load_tables():
        counts[table.name] = 0
        async for rows in source.rows(table):
            counts[table.name] += len(rows)
            for row in rows:
                _write(out, {"table": table.name, "row": _to_json(table, row)})
    _write(out, {"counts": counts})
    return dict(counts)


def _write(out: IO[str], line: dict[str, Any]) -> None:
    out.write(json.dumps(line, separators=(",", ":")) + "\n")


def _to_json(table: Table, row: Values) -> dict[str, Any]:
    return {
        column: {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value
        for column, value in zip(table.columns, row, strict=True)
    }


async def import_from(lines: IO[str], sink: Sink) -> dict[str, int]:
    """Put an export into an empty database; the answer is how many rows each table has.

    Raises:
        StoreRefused: The database is not empty, or the export is of another version or not whole.
    """
    tables = {table.name: table for table in load_tables()}
    _check_header(_parse(next(lines, "")))
    await _check_empty(sink, tables.values())
    filling = _Filling(lines, tables)
    for table, rows in filling.chunks():
        await sink.insert(table, rows)
    counts = {name: await sink.count(table) for name, table in tables.items()}
    if filling.promised is None:
        raise StoreRefused("the export ends in the middle: nothing was imported")
    if filling.promised != counts:
        raise StoreRefused("the export does not hold as many rows as it says: nothing was imported")
    await sink.finish(filling.next_id)
    return counts


def _check_header(header: dict[str, Any]) -> None:
    if header.get("relay_export") != FORMAT:
        raise StoreRefused("this is no export of the relay")
    if header.get("migrations") != [migration.name for migration in load_migrations()]:
        raise StoreRefused(
            f"the export was made by version {header.get('version')}, whose tables are others than those of "
            f"{__version__}: use one version for both"
        )


async def _check_empty(sink: Sink, tables: Iterable[Table]) -> None:
    for table in tables:
        if await sink.count(table):
            raise StoreRefused(f"the database is not empty: there are rows in {table.name}")


class _Filling:
    """Reads the lines of an export; `promised` are the counts in its last line, once that was read."""

    def __init__(self, lines: IO[str], tables: dict[str, Table]) -> None:
        self.promised: dict[str, int] | None = None
        self.next_id = 1
        self._lines = lines
        self._tables = tables

    def chunks(self) -> Iterator[tuple[Table, list[Values]]]:
        """Rows of one table at a time, a few hundred at once."""
        for name, rows in groupby(self._rows(), key=lambda pair: pair[0].name):
            chunk: list[Values] = []
            for _, row in rows:
                chunk.append(row)
                if len(chunk) == CHUNK_ROWS:
                    yield self._tables[name], chunk
                    chunk = []
            yield self._tables[name], chunk

    def _rows(self) -> Iterator[tuple[Table, Values]]:
        for text in self._lines:
            line = _parse(text)
            if self.promised is not None:
                raise StoreRefused("the export goes on behind its end: nothing was imported")
            if "counts" in line:
                self.promised = line["counts"]
            else:
                yield self._row(line)

    def _row(self, line: dict[str, Any]) -> tuple[Table, Values]:
        try:
            table, row = self._tables[line["table"]], line["row"]
            values = [_from_json(row[column]) for column in table.columns]
        except (KeyError, TypeError, ValueError) as error:
            raise StoreRefused("a line of the export is no row: nothing was imported") from error
        if table.key == ["id"]:
            self.next_id = max(self.next_id, row["id"] + 1)
        return table, values


def _from_json(value: Any) -> Any:
    return base64.b64decode(value["base64"], validate=True) if isinstance(value, dict) else value


def _parse(text: str) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError as error:
        raise StoreRefused("a line of the export is no JSON: nothing was imported") from error
    if not isinstance(line, dict):
        raise StoreRefused("a line of the export is no JSON object: nothing was imported")
    return line
