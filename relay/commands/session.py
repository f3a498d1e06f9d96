"""Where a command runs: here, or inside the service that holds the database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from relay.commands.context import CommandContext, TryOut
from relay.commands.control import ask_service
from relay.commands.devices import Answer, Arguments
from relay.commands.table import COMMANDS
from relay.config import Config, DatabaseKind
from relay.domain.delivery import Outcome
from relay.domain.endpoint import Endpoint
from relay.domain.sample import Sample
from relay.errors import RelayError
from relay.store.lock import FileLock, Locked
from relay.store.opening import open_database
from relay.store.store import Store, open_store
from relay.store.vault import Vault

Run = Callable[[str, Arguments], Awaitable[Answer]]
WayOut = Callable[[Config, Store, Callable[[], float]], TryOut]
"""Makes, where no service runs, what sends a sample to an endpoint."""

WAIT_SECONDS = 3.0
"""Somebody sits before the screen."""


def no_way_out(_config: Config, _store: Store, _now: Callable[[], float]) -> TryOut:
    """For commands that send nothing."""

    async def try_out(_endpoint: Endpoint, _sample: Sample) -> Outcome:
        raise RelayError("nothing can be sent from here")

    return try_out


@asynccontextmanager
async def command_session(
    config: Config, now: Callable[[], float], way_out: WayOut = no_way_out
) -> AsyncIterator[Run]:
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
        clock = database.shared_clock(now)
        context = CommandContext(store=store, config=config, now=clock, try_out=way_out(config, store, clock))
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
