"""`relay serve`."""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import Coroutine
from pathlib import Path

import click

from relay.app import serve as serve_until
from relay.cli.options import config_option, private_files, read_config
from relay.config import Loaded, config_warnings, refuse_readable_secrets
from relay.logs import set_up_logging

_log = logging.getLogger(__name__)


@click.command()
@config_option
@click.option("--check-config", "only_check", is_flag=True, help="Check the configuration and end.")
@click.option("--migrate", is_flag=True, help="Bring a PostgreSQL database up to date first.")
def serve(config_file: Path | None, only_check: bool, migrate: bool) -> None:
    """Run the relay until SIGTERM or SIGINT; a second one ends it at once."""
    private_files()
    loaded = read_config(config_file)
    refuse_readable_secrets(loaded)
    if only_check:
        return
    run_on_fastest_loop(_serve(loaded, migrate))


def run_on_fastest_loop(main: Coroutine[None, None, None]) -> None:
    """uvloop when it is installed, else asyncio."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


async def _serve(loaded: Loaded, migrate: bool) -> None:
    set_up_logging(loaded.config.log.level, loaded.config.log.format)
    for warning in config_warnings(loaded):
        _log.warning("config.warning", extra={"warning": warning})
    stop = asyncio.Event()
    stop_on_signals(stop)
    await serve_until(loaded.config, stop, on_ready=lambda _: _calm_collector(), migrate=migrate)


def _calm_collector() -> None:
    """Start-up leaves objects that live as long as the process; a message leaves few and no cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def stop_on_signals(stop: asyncio.Event) -> None:
    """The first SIGTERM or SIGINT stops gracefully; the second ends the process: nothing durable is lost."""

    def on_signal() -> None:
        if stop.is_set():
            os._exit(1)
        stop.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
