"""`relay refused`: callbacks that were not taken, and why."""

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from relay.cli.options import config_of, config_option, json_option
from relay.commands.asked import Answer, Arguments
from relay.commands.session import command_session
from relay.config import Config


@click.group()
def refused() -> None:
    """Look at callbacks that the relay did not take: a sample of the last 200, without secrets."""


@refused.command("list")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True)
@config_option
@json_option
def list_(limit: int, config_file: Path | None, as_json: bool) -> None:
    """Count refusals by reason and list the newest."""
    found = asyncio.run(_ask(config_of(config_file), "refusals.list", {"limit": limit}))
    if as_json:
        click.echo(json.dumps(found))
        return
    if not found["counts"]:
        click.echo("No callback was refused yet.", err=True)
    for one in found["counts"]:
        click.echo(f"{one['count']:>9} x {one['status']} {one['reason']}, last {_moment(one['last_at_ms'])}")
    for one in found["newest"]:
        click.echo(
            f"{one['id']:>9}   {_moment(one['at_ms'])} {one['address']:<15} {one['status']} {one['reason']}"
        )


@refused.command()
@click.argument("refused_id", metavar="ID", type=click.IntRange(1, 2**63 - 1))
@config_option
@json_option
def show(refused_id: int, config_file: Path | None, as_json: bool) -> None:
    """Show the refused callback ID as it was sent, its secrets masked."""
    found = asyncio.run(_ask(config_of(config_file), "refusals.show", {"id": refused_id}))
    if as_json:
        click.echo(json.dumps(found))
        return
    who = "a sender with the secret" if found["known"] else "a stranger"
    click.echo(f"{found['status']} {found['reason']}")
    click.echo(f"{_moment(found['at_ms'])} from {found['address']}, {who}\n")
    # What a stranger sent must not steer the terminal.
    click.echo(_printable("\n".join((found["request_line"], found["headers"], "", found["body"]))))


async def _ask(config: Config, command: str, arguments: Arguments) -> Answer:
    async with command_session(config, time.time) as run:
        return await run(command, arguments)


def _moment(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _printable(text: str) -> str:
    return "".join(one if one.isprintable() or one == "\n" else repr(one)[1:-1] for one in text)
