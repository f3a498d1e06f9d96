"""`relay device`: provisioning."""

import asyncio
import csv
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from relay.cli.asking import ask_for_all, print_table
from relay.cli.device_history import events, stats
from relay.cli.options import config_of, config_option, json_option
from relay.cli.setting_options import given_settings, setting_option, setting_text, shared_settings
from relay.commands.device_rows import BadLine, DeviceRow, read_csv, read_device_row, unknown_columns
from relay.commands.session import Run, command_session
from relay.config import Config
from relay.domain.device import parse_device_id
from relay.errors import RelayError
from relay.web.policy import target_policy

CHUNK = 500
NO_DEVICES = "No devices: relay device add ID, or relay device import FILE.csv"

Answer = dict[str, Any]


@click.group()
def device() -> None:
    """Provision devices and look at them."""


@device.command()
@click.argument("device_id", metavar="ID")
@click.option("--token", default="", help="The owner's token; one is made and printed when left out.")
@click.option("--email", default="", help="The address of the order; any may register when left out.")
@click.option("--webhook-url", default="", help="Bind this webhook at once.")
@click.option("--type", "device_type", default="", help="Its device type; it keeps its own when left out.")
@config_option
@json_option
def add(config_file: Path | None, as_json: bool, device_id: str, **values: str) -> None:
    """Add the device ID, or change its token, e-mail and type."""
    config = config_of(config_file)

    async def work(run: Run) -> list[Answer]:
        types = await _type_names(run)
        try:
            row = read_device_row({"device": device_id, **values}, target_policy(config), types)
        except ValueError as error:
            raise RelayError(str(error)) from error
        return await _provision(run, [row])

    done = _with_commands(config, work)[0]
    if as_json:
        click.echo(json.dumps(done))
        return
    click.echo(f"{done['device']} {done['change']}")
    if done["made_token"]:
        click.echo(f"token {done['made_token']}  (readable only now)")


@device.command("import")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.option("--skip-bad", is_flag=True, help="Import the good lines although there are bad ones.")
@config_option
@json_option
def import_(file: TextIO, skip_bad: bool, config_file: Path | None, as_json: bool) -> None:
    """Import devices from a CSV FILE (`-`: standard input).

    Columns: device,token,email,webhook_url,device_type. An empty token is made and written to standard output
    as CSV, once. The same file again changes nothing.
    """
    config = config_of(config_file)
    text = _read(file)
    _report_done(_with_commands(config, lambda run: _import(run, text, config, skip_bad)), as_json)


async def _import(run: Run, text: str, config: Config, skip_bad: bool) -> list[Answer]:
    rows, bad = read_csv(text, target_policy(config), await _type_names(run))
    _report_bad(bad, unknown_columns(text))
    if bad and not skip_bad:
        raise RelayError(
            f"nothing imported: {len(bad)} of {len(rows) + len(bad)} lines are bad"
            " (--skip-bad imports the others)"
        )
    return await _provision_all(run, rows)


async def _type_names(run: Run) -> set[str]:
    return {one["name"] for one in (await run("types.list", {}))["types"]}


def _read(file: TextIO) -> str:
    try:
        return file.read()
    except UnicodeDecodeError as error:
        raise RelayError(f"{file.name}: not UTF-8 text (byte {error.start + 1})") from error


def _report_bad(bad: Sequence[BadLine], unknown: Sequence[str]) -> None:
    for one in bad:
        click.echo(f"line {one.line}: {one.reason}", err=True)
    if unknown:
        click.echo(f"columns that mean nothing here: {', '.join(unknown)}", err=True)


def _report_done(done: Sequence[Answer], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(done))
    elif made := [one for one in done if one["made_token"]]:
        out = csv.writer(sys.stdout)
        out.writerow(("device", "token"))
        out.writerows((one["device"], one["made_token"]) for one in made)
    counts = {word: sum(one["change"] == word for one in done) for word in ("added", "changed", "same")}
    click.echo(", ".join(f"{count} {word}" for word, count in counts.items()), err=True)


async def _provision(run: Run, rows: Sequence[DeviceRow]) -> list[Answer]:
    arguments = {"rows": [asdict(row) for row in rows]}
    devices: list[Answer] = (await run("devices.provision", arguments))["devices"]
    return devices


async def _provision_all(run: Run, rows: Sequence[DeviceRow]) -> list[Answer]:
    chunks = [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]
    console = Console(stderr=True)
    done: list[Answer] = []
    for chunk in track(chunks, "Importing", console=console, disable=not console.is_terminal):
        done += await _provision(run, chunk)
    return done


@device.command("list")
@click.option("--type", "device_type", help="Only those of this device type.")
@config_option
@json_option
def list_(device_type: str | None, config_file: Path | None, as_json: bool) -> None:
    """List all devices."""
    devices = ask_for_all(config_file, "devices.list", {"type": device_type}, "devices")
    if as_json:
        click.echo(json.dumps(devices))
        return
    columns = ("device", "name", "type", "order e-mail", "registered by", "webhook host", "since")
    print_table(columns, [_row(one) for one in devices], NO_DEVICES)


def _row(one: Answer) -> list[object]:
    facts = ("device", "name", "type", "order_email", "contact_email", "webhook_host")
    return [*(one[fact] for fact in facts), _day(one["created_at_ms"])]


@device.command()
@click.argument("device_id", metavar="ID")
@click.option("--limit", default=10, show_default=True, help="How many of its newest messages.")
@config_option
@json_option
def show(device_id: str, limit: int, config_file: Path | None, as_json: bool) -> None:
    """Show the device ID and its newest messages with every attempt to deliver them."""
    _check_id(device_id)
    arguments = {"device": device_id, "limit": limit}
    answer = _with_commands(config_of(config_file), lambda run: run("devices.show", arguments))
    if as_json:
        click.echo(json.dumps(answer))
        return
    _print_device(answer["device"], device_id)
    _print_messages(answer["messages"])


@device.command("set")
@click.argument("device_id", metavar="ID")
@click.option("--type", "device_type", help="Its device type; empty: the default one.")
@setting_option("--name", "name", "What people call it.")
@setting_option("--position", "position", "Where it stands for good: LATITUDE,LONGITUDE in degrees.")
@setting_option("--position-label", "fixed_label", "What people call that place.")
@setting_option("--sequence-modulo", "sequence_modulo", "Where its sequence number begins again.")
@setting_option("--time-zone", "time_zone", "In which its times are shown, such as Europe/Prague.")
@shared_settings
@config_option
def set_(
    config_file: Path | None,
    device_id: str,
    device_type: str | None,
    position: str | None,
    **written: str | None,
) -> None:
    """Set what holds for the device ID; an option with empty text leaves that to its device type."""
    _check_id(device_id)
    given = given_settings({**written, **_position(position), "type": device_type})
    arguments = {"device": device_id, "type": given.pop("type", None), "settings": given}
    _with_commands(config_of(config_file), lambda run: run("devices.set", arguments))


device.add_command(events)
device.add_command(stats)


def _position(text: str | None) -> dict[str, str]:
    if text is None:
        return {}
    latitude, _, longitude = text.partition(",")
    return {"fixed_latitude": latitude, "fixed_longitude": longitude}


def _check_id(device_id: str) -> None:
    try:
        parse_device_id(device_id)
    except ValueError as error:
        raise RelayError(f"{device_id[:40]!r}: {error}") from error


def _print_device(found: Answer | None, device_id: str) -> None:
    if found is None:
        click.echo(f"{device_id.upper()} is not provisioned; its messages are kept unclaimed")
        return
    for name in ("device", "type", "order_email", "contact_email", "language"):
        click.echo(f"{name:14} {found[name]}")
    click.echo(f"{'created':14} {_day(found['created_at_ms'])}")
    settings = [
        [name, setting_text(name, one["value"]), one["from"]] for name, one in found["settings"].items()
    ]
    print_table(("setting", "value", "from"), settings, "")


def _print_messages(messages: Sequence[Answer]) -> None:
    if not messages:
        click.echo("No message yet.")
        return
    table = Table("time", "seq", "data", "rssi", "snr", "delivery", "attempts")
    for one in messages:
        states = ", ".join(d["state"] + (f" ({d['cause']})" if d["cause"] else "") for d in one["deliveries"])
        attempts = ", ".join(str(a["status"] or a["cause"]) for d in one["deliveries"] for a in d["attempts"])
        radio = [str(one[name] if one[name] is not None else "") for name in ("rssi", "snr")]
        seq_number = "" if one["seq_number"] is None else str(one["seq_number"])
        states = states or ("unclaimed" if one["unclaimed"] else one["kind"])
        table.add_row(_moment(one["time"]), seq_number, one["data"], *radio, states, attempts)
    _console().print(table)


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else 160)


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d")


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _with_commands(config: Config, work: Callable[[Run], Awaitable[Any]]) -> Any:
    async def inside() -> Any:
        async with command_session(config, time.time) as run:
            return await work(run)

    return asyncio.run(inside())
