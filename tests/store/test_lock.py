"""One process a SQLite file."""

import os
from pathlib import Path

import pytest

from relay.errors import StoreRefused
from relay.store.lock import FileLock, Locked
from relay.store.opening import open_sqlite
from tests.store.programs import command_line, next_line, started


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "relay.db"


def test_a_second_process_is_refused_and_told_who_holds_the_database(path: Path) -> None:
    with started(command_line("hold", path)) as holder:
        assert next_line(holder) == "locked"
        with pytest.raises(Locked, match=rf"in use by process {holder.pid};") as refused:
            FileLock.take(path)
        assert refused.value.control_socket == Path("/run/relay/control")
        with started(command_line("in_a_row", path)) as second:
            assert next_line(second) == ""
            assert second.wait() == 1


async def test_a_locked_database_is_not_opened(path: Path) -> None:
    with started(command_line("hold", path)) as holder:
        assert next_line(holder) == "locked"
        with pytest.raises(Locked):
            async with open_sqlite(path):
                pytest.fail("it was opened")


def test_kill_9_frees_the_lock(path: Path) -> None:
    with started(command_line("hold", path)) as holder:
        assert next_line(holder) == "locked"
        holder.kill()
        holder.wait()
        FileLock.take(path).close()


def test_a_process_that_ends_in_order_frees_the_lock(path: Path) -> None:
    with started(command_line("hold", path)) as holder:
        assert next_line(holder) == "locked"
        holder.communicate()
        assert holder.returncode == 0
        FileLock.take(path).close()


def test_the_same_file_by_another_name_has_the_same_lock(path: Path) -> None:
    path.touch()
    link = path.with_name("link.db")
    link.symlink_to(path)
    lock = FileLock.take(path)
    with pytest.raises(Locked, match=rf"process {os.getpid()}"):
        FileLock.take(link)
    lock.close()
    FileLock.take(link).close()


@pytest.mark.parametrize("note", ["", "{", "[]", '{"pid": "x", "socket": null}', '{"pid": 1}', "\x00"])
def test_a_lock_file_that_cannot_be_read_is_held_by_another_process(path: Path, note: str) -> None:
    lock = FileLock.take(path)
    lock.path.write_text(note)
    with pytest.raises(Locked, match="in use by another process") as refused:
        FileLock.take(path)
    assert refused.value.control_socket is None
    lock.close()


def test_a_lock_file_that_nobody_holds_does_not_hinder(path: Path) -> None:
    path.with_name("relay.db.lock").write_text('{"pid": 1, "socket": "/run/old"}')
    lock = FileLock.take(path)
    with pytest.raises(Locked, match=rf"process {os.getpid()}") as refused:
        FileLock.take(path)
    assert refused.value.control_socket is None
    lock.close()


def test_only_the_owner_may_read_the_lock_file(path: Path) -> None:
    lock = FileLock.take(path)
    assert lock.path.stat().st_mode & 0o777 == 0o600
    lock.close()


def test_a_lock_file_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused, match="cannot open"):
        FileLock.take(tmp_path / "missing" / "relay.db")
