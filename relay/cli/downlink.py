"""`relay downlink`: what devices get when they listen."""

from collections.abc import Sequence
from pathlib import Path

import click

from relay.cli.asking import ask, moment, print_facts, print_json, print_table
from relay.cli.options import config_option, json_option
from relay.commands.asked import Answer
from relay.config.durations import parse_duration

MOST_LABEL_CHARACTERS = 100
MOST_TRIES = 20
LONGEST_SECONDS = 365 * 86400.0
ID = click.IntRange(min=0, max=2**63 - 1)


@click.group()
def downlink() -> None:
    """Queue downlinks for devices, and look at what became of them. DEVICE is the ID of the device."""


def _seconds(_context: click.Context, _parameter: click.Parameter, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        seconds = parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    if not 0 < seconds <= LONGEST_SECONDS:
        raise click.BadParameter("should be more than 0s and at most 365d")
    return seconds


def _label(_context: click.Context, _parameter: click.Parameter, text: str) -> str:
    if len(text) > MOST_LABEL_CHARACTERS or not text.isprintable():
        raise click.BadParameter(f"one line of at most {MOST_LABEL_CHARACTERS} characters")
    return text


@downlink.command()
@click.argument("device_id", metavar="DEVICE")
@click.argument("data", metavar="HEX")
@click.option("--label", default="", callback=_label, help="A note for people.")
@click.option("--expires", callback=_seconds, help="Leave the queue after so long, such as 2d; else never.")
@click.option(
    "--tries",
    type=click.IntRange(1, MOST_TRIES),
    default=1,
    show_default=True,
    help="How often at most, while Sigfox does not say that it was transmitted.",
)
@click.option("--replace", is_flag=True, help="In place of all that is in the queue.")
@config_option
@json_option
def push(
    device_id: str,
    data: str,
    label: str,
    expires: float | None,
    tries: int,
    replace: bool,
    config_file: Path | None,
    as_json: bool,
) -> None:
    """Put the 8 bytes HEX into the queue of DEVICE.

    They are handed over when the device listens and its chain (relay device set) comes to `queue`.
    """
    arguments = {
        "device": device_id,
        "data": data,
        "label": label,
        "expires_seconds": expires,
        "tries": tries,
        "replace": replace,
    }
    answer = ask(config_file, "downlinks.push", arguments)
    print_json(answer) if as_json else click.echo(f"queued as {answer['id']}")


@downlink.command("list")
@click.argument("device_id", metavar="DEVICE")
@click.option("--limit", default=20, show_default=True, help="How many of those that left the queue.")
@config_option
@json_option
def list_(device_id: str, limit: int, config_file: Path | None, as_json: bool) -> None:
    """List the queue of DEVICE, then what was, the newest first."""
    answer = ask(config_file, "downlinks.list", {"device": device_id, "limit": limit})
    if as_json:
        print_json(answer)
        return
    columns = ("id", "data", "label", "source", "state", "tries", "sent", "expires", "what it means")
    print_table(columns, [_row(one) for one in answer["downlinks"]], "No downlinks yet.")
    click.echo(f"{answer['sent_today']} handed over today (UTC).", err=True)


def _row(one: Answer) -> Sequence[object]:
    tries = f"{one['tries']} of {one['most_tries']}"
    times = (moment(one["sent_at_ms"]), moment(one["expires_at_ms"]))
    return (one["id"], one["data"], one["label"], one["source"], one["state"], tries, *times, one["says"])


@downlink.command()
@click.argument("downlink_id", metavar="ID", type=ID)
@config_option
@json_option
def show(downlink_id: int, config_file: Path | None, as_json: bool) -> None:
    """Show the downlink ID."""
    answer = ask(config_file, "downlinks.show", {"id": downlink_id})
    print_json(answer) if as_json else print_facts(answer)


@downlink.command()
@click.argument("downlink_id", metavar="ID", type=ID)
@config_option
def cancel(downlink_id: int, config_file: Path | None) -> None:
    """Take the downlink ID out of its queue."""
    ask(config_file, "downlinks.cancel", {"id": downlink_id})


@downlink.command()
@click.argument("device_id", metavar="DEVICE")
@config_option
@json_option
def clear(device_id: str, config_file: Path | None, as_json: bool) -> None:
    """Empty the queue of DEVICE."""
    answer = ask(config_file, "downlinks.clear", {"device": device_id})
    print_json(answer) if as_json else click.echo(f"{answer['cancelled']} taken out of the queue")
