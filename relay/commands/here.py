"""Running commands in this process, with the database for itself."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from relay.commands.context import CommandContext, TryOut
from relay.commands.session import Run
from relay.commands.table import COMMANDS
from relay.config import Config
from relay.domain.delivery import Outcome
from relay.domain.endpoint import Endpoint
from relay.domain.sample import Sample
from relay.errors import RelayError
from relay.store.opening import open_database
from relay.store.store import Store, open_store
from relay.store.vault import Vault

WayOut = Callable[[Config, Store, Callable[[], float]], TryOut]
"""Makes, where no service runs, what sends a sample to an endpoint."""

WAIT_SECONDS = 3.0
"""Somebody sits before the screen."""


@asynccontextmanager
async def run_here(config: Config, now: Callable[[], float], way_out: WayOut | None) -> AsyncIterator[Run]:
    """Give a function that runs commands by name; without a way out they send nothing.

    Raises:
        RelayError: The database cannot be used.
    """
    vault = Vault([key.get_secret_value() for key in config.secret_key])
    async with (
        open_database(config.database, wait_seconds=WAIT_SECONDS) as database,
        open_store(database.driver, vault, "command line") as opened,
    ):
        store = await opened.with_retained_peppers()
        clock = database.shared_clock(now)
        try_out = way_out(config, store, clock) if way_out else _no_way_out
        context = CommandContext(store=store, config=config, now=clock, try_out=try_out)
        yield lambda name, arguments: COMMANDS[name](context, arguments)


async def _no_way_out(_endpoint: Endpoint, _sample: Sample) -> Outcome:
    raise RelayError("nothing can be sent from here")
