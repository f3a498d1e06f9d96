"""`relay backup`."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path

import click

from relay.cli.options import config_of, config_option, json_option
from relay.cli.snapshot import database_copy
from relay.config import Config, DatabaseKind
from relay.errors import RelayError
from relay.store.backup import Manifest, write_backup
from relay.store.postgresql_dump import dump_postgresql

WITHOUT_KEY = "The secret_key is not inside: keep it too, elsewhere. Without it webhooks cannot be read."


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@config_option
@json_option
def backup(file: Path, config_file: Path | None, as_json: bool) -> None:
    """Write a checked backup of the database to the new FILE; the service may run meanwhile.

    PostgreSQL is saved by its own pg_dump.
    """
    config = config_of(config_file)
    if file.exists():
        raise RelayError(f"{file} exists; a backup is never written over another file")
    if config.database.kind is DatabaseKind.POSTGRESQL:
        dump_postgresql(config.database, file)
        click.echo(json.dumps({"file": str(file)}) if as_json else f"{file}: a dump of {config.database}")
    else:
        manifest = asyncio.run(_back_up(config, file))
        click.echo(
            json.dumps({"file": str(file), **asdict(manifest)}) if as_json else f"{file}: {told(manifest)}"
        )
    click.echo(WITHOUT_KEY, err=True)


async def _back_up(config: Config, file: Path) -> Manifest:
    async with database_copy(config) as copy:
        return write_backup(copy, file)


def told(manifest: Manifest) -> str:
    """What a backup holds, in one line."""
    counts = manifest.counts
    return (
        f"whole, {manifest.bytes} bytes unpacked, made by version {manifest.version}, "
        f"{counts.get('devices', 0)} devices, {counts.get('uplinks', 0)} messages"
    )
