"""`relay nodes`."""

import asyncio
import json
import time
from pathlib import Path

import click

from relay.cli.options import config_of, config_option, json_option
from relay.commands.asked import Answer
from relay.commands.session import command_session
from relay.config import Config


@click.command()
@config_option
@json_option
def nodes(config_file: Path | None, as_json: bool) -> None:
    """Show which processes serve this database; each says every ten seconds that it is alive."""
    found = asyncio.run(_ask(config_of(config_file)))
    if as_json:
        click.echo(json.dumps(found))
        return
    if not found["nodes"]:
        click.echo("No service runs on this database.", err=True)
    for node in found["nodes"]:
        seconds = max(0, found["now_ms"] - node["seen_at_ms"]) // 1000
        minutes = max(0, found["now_ms"] - node["started_at_ms"]) // 60_000
        how = "alive" if node["alive"] else "silent"
        click.echo(
            f"{how:<6}  {node['name']}  {node['version']}  seen {seconds} s ago, started {minutes} min ago"
        )


async def _ask(config: Config) -> Answer:
    async with command_session(config, time.time) as run:
        return await run("nodes.list", {})
