"""`relay endpoint`: the webhooks of devices."""

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from relay.cli.options import config_of, config_option, json_option
from relay.commands.devices import Answer
from relay.commands.session import command_session
from relay.config import Config


@click.group()
def endpoint() -> None:
    """Change the webhooks of devices."""


@endpoint.command("rotate-secret")
@click.argument("device_id", metavar="DEVICE")
@config_option
@json_option
def rotate_secret(device_id: str, config_file: Path | None, as_json: bool) -> None:
    """Make a new signing secret for the webhook of DEVICE and print it; both sign for 24 hours."""
    done = asyncio.run(_rotate(config_of(config_file), device_id))
    if as_json:
        click.echo(json.dumps(done))
        return
    until = datetime.fromtimestamp(done["both_until_ms"] / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    click.echo(f"{done['secret']}  (readable only now)")
    click.echo(f"Requests are signed with the old secret as well until {until}.", err=True)


async def _rotate(config: Config, device_id: str) -> Answer:
    async with command_session(config, time.time) as run:
        return await run("endpoints.rotate_secret", {"device": device_id})
