"""Backups: what goes in comes out, and what is not whole is never put in the database's place."""

import gzip
import io
import json
import sqlite3
import stat
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from relay import __version__
from relay.errors import StoreRefused
from relay.store.backup import unpack_backup, write_backup
from relay.store.lock import FileLock, Locked
from relay.store.opening import open_sqlite
from relay.store.restoring import restore_sqlite
from relay.store.snapshot import take_snapshot
from relay.store.store import open_store
from tests.store.given import VAULT, device, provision


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """A backup of a database with one device, made while it is open."""
    file = tmp_path / "relay.backup"
    async with (
        open_sqlite(tmp_path / "relay.db") as database,
        open_store(database.driver, VAULT, "n") as store,
    ):
        await provision(store, device("A1"))
        copy = await take_snapshot(store.driver)
        write_backup(copy, file)
        copy.unlink()
    return file


def devices(database: Path) -> list[int]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("SELECT number FROM devices")]


def test_a_backup_brings_back_what_was_there(tmp_path: Path, file: Path) -> None:
    restored = tmp_path / "restored.db"

    manifest = restore_sqlite(file, restored, aside=None)

    assert devices(restored) == [0xA1]
    assert (manifest.version, manifest.counts["devices"]) == (__version__, 1)
    assert manifest.migrations[0] == "0001_start.sql"


def test_only_its_owner_can_read_a_backup_and_what_was_restored(tmp_path: Path, file: Path) -> None:
    restored = tmp_path / "restored.db"
    restore_sqlite(file, restored, aside=None)

    assert {stat.S_IMODE(path.stat().st_mode) for path in (file, restored)} == {0o600}


def test_nothing_is_left_beside_it(tmp_path: Path, file: Path) -> None:
    assert sorted(path.name for path in tmp_path.iterdir()) == ["relay.backup", "relay.db", "relay.db.lock"]


def test_a_backup_replaces_no_file(tmp_path: Path, file: Path) -> None:
    before = file.read_bytes()

    with pytest.raises(StoreRefused, match="cannot write"):
        write_backup(tmp_path / "relay.db", file)
    assert file.read_bytes() == before


def test_a_database_that_is_there_is_replaced_only_when_moved_aside(tmp_path: Path, file: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection, connection:
        connection.executescript("CREATE TABLE devices (number); INSERT INTO devices VALUES (0xB2)")

    with pytest.raises(StoreRefused, match="exists"):
        restore_sqlite(file, other, aside=None)
    assert devices(other) == [0xB2]
    Path(f"{other}-wal").write_bytes(b"log of the old one")
    restore_sqlite(file, other, aside="old")

    assert devices(other) == [0xA1]
    assert Path(f"{other}.old-wal").read_bytes() == b"log of the old one"
    assert devices(Path(f"{other}.old")) == [0xB2]


def test_a_database_in_use_is_not_replaced(tmp_path: Path, file: Path) -> None:

    with closing(FileLock.take(tmp_path / "relay.db")), pytest.raises(Locked):
        restore_sqlite(file, tmp_path / "relay.db", aside="old")


def test_a_damaged_backup_changes_nothing(tmp_path: Path, file: Path) -> None:
    whole = file.read_bytes()
    for at in range(0, len(whole), len(whole) // 25):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        refused_or_whole(file, tmp_path)
        file.write_bytes(whole[:at])
        with pytest.raises(StoreRefused):
            restore_sqlite(file, tmp_path / "restored.db", aside=None)
    assert not (tmp_path / "restored.db").exists()
    assert not (tmp_path / "restored.db.restoring").exists()


def refused_or_whole(file: Path, folder: Path) -> None:
    """A few bits of the compressed format mean nothing; then the database has to be the same."""
    copy = folder / "copy.db"
    try:
        unpack_backup(file, copy)
    except StoreRefused:
        assert not copy.exists()
    else:
        assert devices(copy) == [0xA1]
        copy.unlink()


@pytest.mark.parametrize("content", [b"", b"no backup", gzip.compress(b"no archive", mtime=0)])
def test_another_file_is_no_backup(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "some file"
    file.write_bytes(content)

    with pytest.raises(StoreRefused, match="no whole backup"):
        unpack_backup(file, tmp_path / "copy.db")


@pytest.mark.parametrize("name", ["../manifest.json", "/etc/passwd", "relay.db"])
def test_an_archive_of_other_files_is_no_backup(tmp_path: Path, name: str) -> None:
    file = archive(tmp_path, {name: b"{}"})

    with pytest.raises(StoreRefused, match="no whole backup"):
        unpack_backup(file, tmp_path / "copy.db")


def archive(folder: Path, members: dict[str, bytes]) -> Path:
    file = folder / "archive"
    with tarfile.open(file, "w:gz") as made:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    return file


def test_a_manifest_that_says_something_else_is_refused(tmp_path: Path, file: Path) -> None:
    with tarfile.open(file) as made:
        contents = {member.name: made.extractfile(member).read() for member in made}  # type: ignore[union-attr]
    manifest = json.loads(contents["manifest.json"])
    manifest["counts"]["devices"] = 2
    changed = archive(tmp_path, {**contents, "manifest.json": json.dumps(manifest).encode()})

    with pytest.raises(StoreRefused, match="something else"):
        unpack_backup(changed, tmp_path / "copy.db")


def test_a_backup_of_a_newer_version_is_refused(tmp_path: Path, file: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "relay.db")) as connection, connection:
        connection.execute("INSERT INTO migrations (name, sha256) VALUES ('9999_later.sql', 'ab')")

    with pytest.raises(StoreRefused, match="run the newer program"):
        write_backup(tmp_path / "relay.db", tmp_path / "newer.backup")
    assert not (tmp_path / "newer.backup").exists()
