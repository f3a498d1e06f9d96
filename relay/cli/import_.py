"""`relay import`."""

import asyncio
from pathlib import Path

import click

from relay.cli.options import config_of, config_option
from relay.errors import RelayError
from relay.store.moving import import_database


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True, allow_dash=True))
@config_option
def import_(file: Path, config_file: Path | None) -> None:
    """Fill the empty database with the export FILE (- is standard input); all of it or nothing.

    The service must not run.
    """
    config = config_of(config_file)
    try:
        with click.open_file(str(file), encoding="utf-8") as lines:
            counts = asyncio.run(import_database(lines, config.database))
    except UnicodeDecodeError as error:
        raise RelayError(f"{file} is no export of the relay: {error.reason}") from error
    click.echo(f"{sum(counts.values())} rows of {len(counts)} tables imported, as many as were exported")
