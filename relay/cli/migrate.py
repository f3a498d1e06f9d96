"""`relay migrate`."""

import asyncio
from pathlib import Path

import click

from relay.cli.options import config_of, config_option
from relay.config import Config
from relay.store.opening import open_database


@click.command()
@config_option
def migrate(config_file: Path | None) -> None:
    """Bring the database up to date; on PostgreSQL before the first node of a newer version starts.

    Nodes of the old version may go on meanwhile. On SQLite the service migrates by itself when it starts.
    """
    config = config_of(config_file)
    applied = asyncio.run(_migrate(config))
    for name in applied:
        click.echo(f"applied {name.removesuffix('.sql')}")
    click.echo(f"{config.database}: up to date")


async def _migrate(config: Config) -> list[str]:
    async with open_database(config.database, migrate=True) as database:
        return database.applied
