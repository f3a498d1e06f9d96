"""A file that was not closed in order is read through before it is used, and never made anew."""

import logging
from pathlib import Path

import pytest

from relay.errors import StoreRefused
from relay.store.lock import FileLock
from relay.store.opening import open_sqlite
from relay.store.store import open_store
from tests.journeys.relay_program import RelayProgram, run_relay
from tests.store.given import VAULT, accept_at_once, uplink
from tests.store.programs import command_line, next_line, started

CHECKED = "database.checked"
PAGE_BYTES = 4096


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "relay.db"


async def fill(path: Path) -> None:
    """A database of some hundred pages, closed in order."""
    async with open_sqlite(path) as database, open_store(database.driver, VAULT, "node") as store:
        await accept_at_once(store, [uplink(seq_number=number) for number in range(1000)])


async def open_once(path: Path) -> None:
    async with open_sqlite(path):
        pass


def kill_holder(path: Path) -> None:
    """Leave the file as a process does that is ended by force."""
    with started(command_line("hold", path)) as holder:
        assert next_line(holder) == "locked"
        holder.kill()
        holder.wait()


def whole(path: Path) -> bytes:
    return path.read_bytes()


def garble(path: Path) -> bytes:
    """Overwrite pages in the middle; returns the whole file as it is then."""
    content = bytearray(whole(path))
    middle = len(content) // PAGE_BYTES // 2 * PAGE_BYTES
    content[middle : middle + 8 * PAGE_BYTES] = b"\xa5" * (8 * PAGE_BYTES)
    path.write_bytes(content)
    return bytes(content)


async def test_a_file_is_read_through_only_after_an_unclean_stop(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await open_once(path)
    await open_once(path)
    assert CHECKED not in caplog.messages
    kill_holder(path)
    await open_once(path)
    assert caplog.messages.count(CHECKED) == 1
    await open_once(path)
    assert caplog.messages.count(CHECKED) == 1


async def test_a_look_at_the_lock_does_not_make_an_unclean_stop_forgotten(path: Path) -> None:
    await open_once(path)
    kill_holder(path)
    FileLock.take(path).close()
    lock = FileLock.take(path)
    assert lock.unclean
    lock.close()


async def test_a_damaged_file_is_refused_at_each_start_and_left_as_it_is(path: Path) -> None:
    await fill(path)
    kill_holder(path)
    damaged = garble(path)
    for _ in range(2):
        with pytest.raises(StoreRefused, match=f"{path} is damaged: .*Nothing was changed.*backup"):
            await open_once(path)
        assert whole(path) == damaged


async def test_the_relay_says_in_one_sentence_what_is_damaged_and_ends(tmp_path: Path) -> None:
    relay = RelayProgram(tmp_path)
    async with relay.running():
        await relay.kill()
    await fill(relay.database)
    kill_holder(relay.database)
    garble(relay.database)
    finished = await run_relay("serve", "--config", str(relay.config_file), folder=tmp_path)
    assert finished.exit_code == 1
    assert f"the database {relay.database} is damaged" in finished.err
    assert "Traceback" not in finished.err
