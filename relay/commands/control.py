"""The control socket: a running service does what the command line asks.

It is a Unix socket in a folder of the service's own user; whoever may open it may read the database as well.
"""

import logging
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from relay.commands.context import CommandContext
from relay.commands.table import COMMANDS
from relay.errors import RelayError

_log = logging.getLogger(__name__)

MAX_REQUEST_BYTES = 16 * 1024 * 1024


@asynccontextmanager
async def listen_for_commands(context: CommandContext) -> AsyncIterator[Path]:
    """Run commands asked over a socket; its path is short, since a socket's path may not be long."""
    app = web.Application(client_max_size=MAX_REQUEST_BYTES)
    app.router.add_post("/{command}", _handler(context))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
    # systemd gives a folder that others can see where /tmp is private
    with tempfile.TemporaryDirectory(prefix="relay-", dir=os.environ.get("RUNTIME_DIRECTORY")) as folder:
        path = Path(folder) / "control"
        await runner.setup()
        try:
            await web.UnixSite(runner, str(path)).start()
            yield path
        finally:
            await runner.cleanup()


def _handler(context: CommandContext) -> Handler:
    async def run(request: web.Request) -> web.Response:
        command = COMMANDS.get(request.match_info["command"])
        if command is None:
            return web.json_response(
                {"error": "the service is of another version than this program"}, status=404
            )
        try:
            answer = await command(context, await request.json())
        except (RelayError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=422)
        return web.json_response(answer)

    return run
