"""`relay rotate-keys`: from one secret key to the next."""

import asyncio
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from relay.cli.options import config_of, config_option, json_option
from relay.commands.session import Run, command_session
from relay.config import Config
from relay.errors import RelayError
from relay.store.vault import Vault


@click.command("rotate-keys")
@config_option
@click.option(
    "--installation",
    is_flag=True,
    help="Instead, make a new key for the v1a signatures; the old one signs beside it for 7 days.",
)
@json_option
def rotate_keys(config_file: Path | None, installation: bool, as_json: bool) -> None:
    """Seal everything with the first secret_key, so that the others can be removed.

    First put a new key before the old one (secret_key: [new, old]) and restart the service. It goes on
    working meanwhile; the command may be ended at any time and run again.
    """
    config = config_of(config_file)
    if installation:
        _tell_installation(asyncio.run(_rotate_installation(config)), as_json)
        return
    done = asyncio.run(_rotate(config))
    if as_json:
        click.echo(json.dumps(done))
    else:
        _tell(done)
    if done["damaged"] or done["stale"]:
        raise RelayError(
            f"{done['stale']} values are not sealed with the first key: keep the other keys and try again"
        )


async def _rotate(config: Config) -> dict[str, Any]:
    first_key = Vault([key.get_secret_value() for key in config.secret_key]).first_key_name
    async with command_session(config, time.time) as run:
        count, damaged = await _reseal_all(run, first_key)
        done = await run("keys.retain", {"first_key": first_key})
    return {**done, "count": count, "damaged": damaged}


async def _rotate_installation(config: Config) -> dict[str, Any]:
    async with command_session(config, time.time) as run:
        return await run("keys.rotate_installation", {})


def _tell_installation(done: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(done))
        return
    until = datetime.fromtimestamp(done["both_until_ms"] / 1000, tz=UTC)
    click.echo(f"New public key: {done['public_key']}")
    click.echo(f"Until {until:%Y-%m-%d %H:%M} UTC requests are signed with the old one as well.")
    click.echo("Restart each node now: a node signs with what it found at its start.")


async def _reseal_all(run: Run, first_key: str) -> tuple[int, list[str]]:
    count, damaged, cursor = 0, [], None
    while True:
        batch = await run("keys.reseal", {"first_key": first_key, "cursor": cursor})
        count += batch["count"]
        damaged += batch["damaged"]
        cursor = batch["cursor"]
        if cursor is None:
            return count, damaged


def _tell(done: dict[str, Any]) -> None:
    click.echo(f"{done['count']} values sealed anew with the first secret_key.")
    for place in done["damaged"]:
        click.echo(f"{place}: none of the keys opens it; left as it was", err=True)
    if done["damaged"] or done["stale"]:
        return
    if done["other_keys"]:
        click.echo("Nothing needs the other keys any more: take them out of the configuration and restart.")
        click.echo("Backups made before now still need them.")
    if done["devices"]:
        click.echo(
            f"The tokens of {done['devices']} devices are still recognised as the old key digested them; what"
            " that takes is kept in the database, sealed. Each is renewed when its owner next uses the form."
        )
