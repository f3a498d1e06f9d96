"""Putting the database of a backup in the place of the one that is configured."""

import contextlib
import os
from pathlib import Path

from relay.errors import StoreRefused
from relay.store.backup import Manifest, unpack_backup
from relay.store.lock import FileLock

_ENDINGS = ("-wal", "-shm", "")
"""Of the files of a SQLite database. The log goes first: beside another database it would damage that."""


def restore_sqlite(file: Path, database: Path, *, aside: str | None) -> Manifest:
    """Check a backup and make it the database; files that are there are renamed with `aside`, if it is given.

    Raises:
        Locked: The service runs.
        StoreRefused: There is a database already, or the backup is not whole; nothing was changed.
    """
    if not database.parent.is_dir():
        raise StoreRefused(f"the folder {database.parent} of the database does not exist")
    database = database.resolve()
    with contextlib.closing(FileLock.take(database)):
        there = [Path(f"{database}{end}") for end in _ENDINGS if Path(f"{database}{end}").exists()]
        if there and aside is None:
            raise StoreRefused(f"{database} exists; --force moves it aside")
        copy = database.with_name(f"{database.name}.restoring")
        manifest = unpack_backup(file, copy)
        for path in there:
            path.rename(f"{database}.{aside}{path.name.removeprefix(database.name)}")
        copy.rename(database)
        _sync(database.parent)
    return manifest


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
