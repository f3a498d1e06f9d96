"""`relay version`."""

import json
import platform
from importlib.metadata import version as version_of

import click

from relay import __version__
from relay.cli.options import json_option
from relay.store.sqlite import SQLITE_VERSION


@click.command()
@json_option
def version(as_json: bool) -> None:
    """Print the version of the relay and of what it runs on."""
    facts = {
        "relay": __version__,
        "python": platform.python_version(),
        "sqlite": SQLITE_VERSION,
        "aiohttp": version_of("aiohttp"),
    }
    click.echo(
        json.dumps(facts) if as_json else "\n".join(f"{name} {value}" for name, value in facts.items())
    )
