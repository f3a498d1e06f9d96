"""PostgreSQL's own programs make and read its backups."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from relay.config import parse_database
from relay.errors import StoreRefused
from relay.store import postgresql_dump
from relay.store.postgresql_dump import dump_postgresql, is_dump, verify_dump
from tests.postgresql import find_programs, missing
from tests.store.postgresql_database import opened_url


@pytest.fixture
async def dump(tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    if programs := find_programs():  # those of the server, of which the wheel puts none on the path
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    if not (shutil.which("pg_dump") and shutil.which("pg_restore")):
        missing("no pg_dump")
    async with opened_url(postgresql_url):
        pass
    file = tmp_path / "relay.dump"
    dump_postgresql(parse_database(postgresql_url), file)
    return file


def test_a_dump_is_private_and_can_be_read_through(dump: Path) -> None:
    verify_dump(dump)

    assert is_dump(dump)
    assert stat.S_IMODE(dump.stat().st_mode) == 0o600


def test_half_a_dump_is_refused(dump: Path) -> None:
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])

    with pytest.raises(StoreRefused):
        verify_dump(dump)


def test_a_dump_replaces_no_file(dump: Path, postgresql_url: str) -> None:
    with pytest.raises(StoreRefused, match="cannot write"):
        dump_postgresql(parse_database(postgresql_url), dump)


def test_a_password_is_not_among_the_arguments() -> None:
    url, environment = postgresql_dump._without_password(
        "postgresql://u:p%40ss@db:5433/relay?sslmode=require"
    )

    assert url == "postgresql://u@db:5433/relay?sslmode=require"
    assert environment["PGPASSWORD"] == "p@ss"


def test_without_pg_dump_it_says_what_to_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(StoreRefused, match="pg_dump -Fc"):
        dump_postgresql(parse_database("postgresql://u@db/relay"), tmp_path / "relay.dump")
