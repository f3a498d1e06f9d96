"""One process a SQLite file."""

import fcntl
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from relay.errors import StoreRefused


class Locked(StoreRefused):
    """Another process uses this database; `control_socket` is where it listens for commands, if it does."""

    def __init__(self, database: Path, pid: int | None, control_socket: Path | None) -> None:
        who = f"process {pid}" if pid else "another process"
        super().__init__(f"{database} is in use by {who}; only one process may use a SQLite database")
        self.control_socket = control_socket


@dataclass(slots=True)
class FileLock:
    """Holds `<database>.lock` until it is closed, or until the process ends in whatever way.

    A file that is empty says that whoever held it before closed the database in order. `unclean` says that
    nobody did; while it stands, closing leaves the file as a mark for the next one.
    """

    path: Path
    descriptor: int
    unclean: bool

    @classmethod
    def take(cls, database: Path) -> Self:
        """Lock the database.

        Raises:
            Locked: Another process holds it.
            StoreRefused: The lock file cannot be made.
        """
        path = Path(f"{database.resolve()}.lock")  # however the file is called, it has one lock
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreRefused(f"cannot open {path}: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _read_holder(descriptor)
            os.close(descriptor)
            raise Locked(database, *holder) from None
        lock = cls(path, descriptor, unclean=os.fstat(descriptor).st_size > 0)
        lock.announce(None)
        return lock

    def announce(self, control_socket: Path | None) -> None:
        """Write down who holds the lock, and where it takes commands."""
        note = {"pid": os.getpid(), "socket": str(control_socket) if control_socket else None}
        text = json.dumps(note).encode()
        os.pwrite(self.descriptor, text, 0)  # the file is never empty in between, for that means a clean end
        os.ftruncate(self.descriptor, len(text))
        os.fsync(self.descriptor)

    def close(self) -> None:
        """Let go; the file stays, since removing it would let two processes lock two files of one name."""
        if not self.unclean:
            os.ftruncate(self.descriptor, 0)
        os.close(self.descriptor)


def _read_holder(descriptor: int) -> tuple[int | None, Path | None]:
    try:
        note = json.loads(os.pread(descriptor, 4096, 0))
        return int(note["pid"]), Path(note["socket"]) if note["socket"] else None
    except (ValueError, KeyError, TypeError):
        return None, None
