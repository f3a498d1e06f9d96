"""Where a command runs: here, or inside the service that holds the database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from relay.commands.asked import Answer, Arguments
from relay.config import Config, DatabaseKind
from relay.errors import RelayError
from relay.store.lock import FileLock, Locked

if TYPE_CHECKING:
    from relay.commands.here import WayOut

Run = Callable[[str, Arguments], Awaitable[Answer]]


@asynccontextmanager
async def command_session(
    config: Config, now: Callable[[], float], way_out: "WayOut | None" = None
) -> AsyncIterator[Run]:
    """Give a function that runs commands by name; only what runs them is imported, which takes a while.

    Raises:
        RelayError: The database cannot be used, and no service answers for it.
    """
    socket = _service_of(config)
    if socket is not None:
        from relay.commands.asking import ask_service

        yield partial(ask_service, socket)
        return
    from relay.commands.here import run_here

    async with run_here(config, now, way_out) as run:
        yield run


def _service_of(config: Config) -> Path | None:
    """The control socket of the service that has the database for itself; None when none has."""
    if config.database.kind is not DatabaseKind.SQLITE:
        return None
    try:
        FileLock.take(config.database.path).close()
    except Locked as locked:
        if locked.control_socket is None:
            raise RelayError(str(locked)) from locked
        return locked.control_socket
    return None
