"""`relay export`."""

import asyncio
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import click

from relay.cli.options import config_of, config_option
from relay.cli.snapshot import database_copy
from relay.config import Config, DatabaseKind
from relay.errors import RelayError
from relay.store.moving import export_copy, export_postgresql


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@config_option
def export(file: Path, config_file: Path | None) -> None:
    """Write everything as JSON Lines to the new FILE (- is standard output), to import it elsewhere.

    It shows one moment; what comes later is not in it, so stop the service before a move.
    """
    config = config_of(config_file)
    with ExitStack() as stack:
        counts = asyncio.run(_export(config, _opened(file, stack)))
    click.echo(f"{sum(counts.values())} rows of {len(counts)} tables exported", err=True)
    click.echo("What is sealed stays sealed: only the same secret_key opens it.", err=True)


def _opened(file: Path, stack: ExitStack) -> IO[str]:
    if str(file) == "-":
        return sys.stdout
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise RelayError(f"cannot write {file}: {error.strerror}") from error
    stack.push(lambda kind, *_: file.unlink() if kind else None)  # a part of an export is none
    return stack.enter_context(os.fdopen(descriptor, "w", encoding="utf-8", newline="\n"))


async def _export(config: Config, out: IO[str]) -> dict[str, int]:
    if config.database.kind is DatabaseKind.POSTGRESQL:
        return await export_postgresql(config.database, out)
    async with database_copy(config) as copy:
        return await export_copy(copy, out)
