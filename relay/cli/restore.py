"""`relay restore`."""

import asyncio
import time
from pathlib import Path

import click

from relay.cli.backup import told
from relay.cli.options import config_of, config_option
from relay.config import Config, DatabaseKind
from relay.errors import RelayError
from relay.store.opening import open_database
from relay.store.postgresql_dump import RESTORE_HINT, is_dump
from relay.store.restoring import restore_sqlite


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--force", is_flag=True, help="Move a database that is there aside.")
@config_option
def restore(file: Path, force: bool, config_file: Path | None) -> None:
    """Make the backup FILE the database, while the service does not run; it is checked and migrated."""
    config = config_of(config_file)
    if is_dump(file):
        raise RelayError(RESTORE_HINT)
    if config.database.kind is DatabaseKind.POSTGRESQL:
        raise RelayError("this backup is of SQLite; to PostgreSQL lead `relay export` and `relay import`")
    aside = time.strftime("before-restore-%Y%m%d-%H%M%S", time.gmtime()) if force else None
    manifest = restore_sqlite(file, config.database.path, aside=aside)
    click.echo(f"{config.database.path}: {told(manifest)}")
    for name in asyncio.run(_migrate(config)):
        click.echo(f"applied {name.removesuffix('.sql')}")
    click.echo("It opens with the secret_key that was in force when the backup was made.", err=True)


async def _migrate(config: Config) -> list[str]:
    async with open_database(config.database) as database:
        return database.applied
