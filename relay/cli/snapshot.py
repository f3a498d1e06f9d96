"""A copy of the SQLite database, for commands that read all of it."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from relay.commands.session import command_session
from relay.config import Config
from relay.errors import RelayError


@asynccontextmanager
async def database_copy(config: Config) -> AsyncIterator[Path]:
    """A copy of how the database is now, whether the service runs or not; it is gone afterwards.

    Raises:
        RelayError: There is no database, or no room.
    """
    _check_there(config.database.path)
    async with command_session(config, time.time) as run:
        copy = Path((await run("database.copy", {}))["path"])
    try:
        yield copy
    finally:
        _remove(copy)


def _check_there(database: Path) -> None:
    if not database.exists():
        raise RelayError(f"there is no database {database}")


def _remove(copy: Path) -> None:
    copy.unlink(missing_ok=True)
