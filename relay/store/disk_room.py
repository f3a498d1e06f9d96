"""Room on the disk, looked at before SQLite finds out the hard way."""

import logging
import os
from dataclasses import dataclass
from pathlib import Path

_log = logging.getLogger(__name__)

LEAST_FREE_BYTES = 64 * 1024 * 1024
"""What is kept back, so that outcomes of deliveries can still be written when callbacks no longer can."""


@dataclass(slots=True)
class DiskRoom:
    """Whether the file system of the database has room for callbacks, as it was when last looked at."""

    folder: Path
    least_bytes: int = LEAST_FREE_BYTES
    is_low: bool = False

    def look(self) -> None:
        """Ask the file system; a change is logged."""
        free_bytes = _free_bytes(self.folder)
        if (free_bytes < self.least_bytes) is self.is_low:
            return
        self.is_low = not self.is_low
        facts = {"free_bytes": free_bytes, "least_bytes": self.least_bytes}
        if self.is_low:
            _log.error("database.disk_low", extra=facts)
        else:
            _log.info("database.disk_has_room", extra=facts)


def _free_bytes(folder: Path) -> int:
    """What is free for us: the part that is reserved for root is not, nor is what cannot be asked."""
    try:
        status = os.statvfs(folder)
    except OSError:
        return 0
    return status.f_bavail * status.f_frsize
