"""`relay check-config`."""

import sys
from pathlib import Path

import click

from relay.cli.options import config_option, read_config
from relay.config import config_warnings, refuse_readable_secrets


@click.command("check-config")
@config_option
def check_config(config_file: Path | None) -> None:
    """Print every fault of the configuration with its place; exit 78 if there is one."""
    loaded = read_config(config_file)
    refuse_readable_secrets(loaded)
    for warning in config_warnings(loaded):
        click.echo(f"warning: {warning}", err=True)
    click.echo(f"{loaded.path or 'the environment'}: good")
    sys.exit(0)
