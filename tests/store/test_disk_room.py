"""Callbacks are refused before the disk is full."""

import logging
from pathlib import Path

import pytest

from relay.errors import StoreUnavailable
from relay.store import disk_room
from relay.store.disk_room import DiskRoom
from relay.store.store import open_store
from tests.store.databases import open_migrated
from tests.store.given import VAULT, accept

MIB = 1024 * 1024


def test_each_change_is_logged_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    room, seen = DiskRoom(tmp_path), []
    for free_bytes in (65 * MIB, 64 * MIB, 64 * MIB - 1, 0, 64 * MIB, 65 * MIB):
        monkeypatch.setattr(disk_room, "_free_bytes", lambda _, free=free_bytes: free)
        room.look()
        seen.append(room.is_low)
    assert seen == [False, False, True, True, False, False]
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("ERROR", "database.disk_low"),
        ("INFO", "database.disk_has_room"),
    ]


def test_a_disk_that_cannot_be_asked_has_no_room(tmp_path: Path) -> None:
    room = DiskRoom(tmp_path / "gone")
    room.look()
    assert room.is_low


async def test_without_room_callbacks_are_refused_and_with_room_they_are_taken_again(tmp_path: Path) -> None:
    async with (
        open_migrated(tmp_path / "relay.db") as database,
        open_store(database.driver, VAULT, "node", has_room=lambda: database.has_room) as store,
    ):
        assert database.disk_room is not None
        database.disk_room.is_low = True
        with pytest.raises(StoreUnavailable, match="nearly full"):
            await accept(store)
        assert not store.has_room
        database.disk_room.is_low = False
        assert not (await accept(store)).repeated
