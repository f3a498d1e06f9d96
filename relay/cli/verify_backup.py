"""`relay verify-backup`."""

import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import click

from relay.cli.backup import told
from relay.cli.options import json_option, private_files
from relay.store.backup import unpack_backup
from relay.store.postgresql_dump import is_dump, verify_dump


@click.command("verify-backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@json_option
def verify_backup(file: Path, as_json: bool) -> None:
    """Unpack the backup FILE beside it for a moment, read all of it, and compare it with its manifest."""
    private_files()
    if is_dump(file):
        verify_dump(file)
        click.echo(json.dumps({"file": str(file)}) if as_json else f"{file}: pg_restore can read all of it")
        return
    with tempfile.TemporaryDirectory(prefix=".verify-", dir=file.resolve().parent) as folder:
        manifest = unpack_backup(file, Path(folder) / "relay.db")
    click.echo(
        json.dumps({"file": str(file), **asdict(manifest)}) if as_json else f"{file}: {told(manifest)}"
    )
