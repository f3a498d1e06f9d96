"""Where a command runs: here, or inside the service that holds the database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from relay.commands.context import CommandContext
from relay.commands.control import ask_service
from relay.commands.devices import Answer, Arguments
from relay.commands.table import COMMANDS
from relay.config import Config, DatabaseKind
from relay.errors import RelayError
from relay.store.lock import FileLock, Locked
from relay.store.opening import open_database
from relay.store.store import open_store
from relay.store.vault import Vault

Run = Callable[[str, Arguments], Awaitable[Answer]]

WAIT_SECONDS = 3.0
"""Somebody sits before the screen."""


@asynccontextmanager
async def command_session(config: Config, now: Callable[[], float]) -> AsyncIterator[Run]:
    """Give a function that runs commands by name.

    Raises:
        RelayError: The database cannot be used, and no service answers for it.
    """
    socket = _service_of(config)
    if socket is not None:
        yield partial(ask_service, socket)
        return
    vault = Vault([key.get_secret_value() for key in config.secret_key])
    async with (
        open_database(config.database, wait_seconds=WAIT_SECONDS) as database,
        open_store(database.driver, vault, "command line") as opened,
    ):
        store = await opened.with_retained_peppers()
        context = CommandContext(store=store, config=config, now=database.shared_clock(now))
        yield lambda name, arguments: COMMANDS[name](context, arguments)


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
