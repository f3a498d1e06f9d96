"""`relay delivery`: messages on their way to webhooks, and sending them again."""

import time
from datetime import UTC, datetime
from pathlib import Path

import click

from relay.cli.asking import ask, moment, print_facts, print_json, print_table
from relay.cli.options import config_option, json_option
from relay.commands.asked import Answer
from relay.config.durations import FORM, parse_duration
from relay.domain.delivery import DeliveryState
from relay.store.replays import ReplayedStates

ID = click.IntRange(1, 2**63 - 1)


def _moment(_context: click.Context, _option: click.Parameter, text: str | None) -> int | None:
    """A moment as Unix milliseconds: ISO 8601, in UTC where no zone stands, or a duration before now."""
    if text is None:
        return None
    try:
        return round((time.time() - parse_duration(text)) * 1000)
    except ValueError:
        return _iso_moment(text)


def _iso_moment(text: str) -> int:
    try:
        read = datetime.fromisoformat(text)
        return round(read.replace(tzinfo=read.tzinfo or UTC).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"{text[:40]!r} is no time: write 2026-11-22T14:05:00Z, or {FORM} for so long ago"
        ) from None


@click.group()
def delivery() -> None:
    """Look at deliveries, and send them again."""


@delivery.command("list")
@click.option("--device", "device_id", help="Only of the device with this ID.")
@click.option("--state", type=click.Choice([*map(str, DeliveryState)]), help="Only those in this state.")
@click.option("--before", type=ID, help="Only those with a lower ID: for the next page.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@config_option
@json_option
def list_(
    device_id: str | None,
    state: str | None,
    before: int | None,
    limit: int,
    config_file: Path | None,
    as_json: bool,
) -> None:
    """List deliveries, the newest first."""
    arguments = {"device": device_id, "state": state, "before": before, "limit": limit}
    answer = ask(config_file, "deliveries.list", arguments)
    if as_json:
        print_json(answer)
        return
    columns = ("id", "created", "device", "data", "host", "state", "cause", "tries", "due")
    print_table(columns, [_row(one) for one in answer["deliveries"]], "No deliveries.")
    if answer["next_before"]:
        click.echo(f"More: --before {answer['next_before']}", err=True)


def _row(one: Answer) -> tuple[object, ...]:
    due = moment(one["due_at_ms"]) if one["state"] == DeliveryState.WAITING and not one["leased"] else ""
    what = (one["id"], moment(one["created_at_ms"]), one["device"], one["data"], one["host"])
    return (*what, one["state"], one["cause"], one["tries"], "under way" if one["leased"] else due)


@delivery.command()
@click.argument("delivery_id", metavar="ID", type=ID)
@config_option
@json_option
def show(delivery_id: int, config_file: Path | None, as_json: bool) -> None:
    """Show the delivery ID with all its attempts."""
    answer = ask(config_file, "deliveries.show", {"id": delivery_id})
    if as_json:
        print_json(answer)
        return
    print_facts(answer["delivery"])
    columns = ("attempt", "at", "ms", "status", "cause", "detail", "note", "answer")
    rows = [
        (
            *(one["number"], moment(one["at_ms"]), one["ms"], one["status"], one["cause"], one["detail"]),
            one["note"],
            one["answer"][:80],
        )
        for one in answer["attempts"]
    ]
    print_table(columns, rows, "No attempt is kept.")


@delivery.command()
@click.argument("delivery_id", metavar="[ID]", type=ID, required=False)
@click.option("--device", "device_id", help="Instead of one: a range of deliveries of this device.")
@click.option(
    "--since",
    callback=_moment,
    metavar="TIME",
    help="Where the range begins, such as 2026-11-22T14:05:00Z or 6h.",
)
@click.option("--until", callback=_moment, metavar="TIME", help="Where it ends; now, when left out.")
@click.option(
    "--state",
    "states",
    type=click.Choice([*map(str, ReplayedStates)]),
    default=str(ReplayedStates.DEAD),
    show_default=True,
    help="Those of the range that are in this state.",
)
@click.option("--dry-run", is_flag=True, help="Only say how many they are.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@config_option
@json_option
def replay(
    delivery_id: int | None,
    device_id: str | None,
    since: int | None,
    until: int | None,
    states: str,
    dry_run: bool,
    yes: bool,
    config_file: Path | None,
    as_json: bool,
) -> None:
    """Send the delivery ID again, or with --device and --since a range of them.

    Each is sent with the webhook-id that it had before. A range goes out a few a second; see
    `relay delivery replays`. What waits for its next try is no part of a range.
    """
    if (delivery_id is None) is (device_id is None) or (device_id is not None and since is None):
        raise click.UsageError("give the ID of one delivery, or --device and --since for a range")
    if delivery_id is not None:
        _replay_one(delivery_id, config_file, as_json)
        return
    wanted = {"device": device_id, "since_ms": since, "until_ms": until, "states": states}
    counted = ask(config_file, "replays.count", wanted)
    if dry_run or not counted["count"]:
        _tell_count(counted["count"], as_json)
        return
    if not yes:
        click.confirm(f"Send {counted['count']} deliveries again?", abort=True, err=True)
    _start(config_file, {**wanted, "until_ms": counted["until_ms"]}, as_json)


def _replay_one(delivery_id: int, config_file: Path | None, as_json: bool) -> None:
    answer = ask(config_file, "deliveries.replay", {"id": delivery_id})
    if as_json:
        print_json(answer["delivery"])
        return
    state = answer["delivery"]["state"]
    when = "when its webhook takes messages and its turn comes" if state == "held" else "now"
    click.echo(f"Delivery {delivery_id} is {state}: it is sent again {when}.")


def _tell_count(count: int, as_json: bool) -> None:
    print_json({"count": count}) if as_json else click.echo(f"{count} deliveries would be sent again.")


def _start(config_file: Path | None, wanted: Answer, as_json: bool) -> None:
    started = ask(config_file, "replays.start", wanted)
    if as_json:
        print_json(started)
    else:
        click.echo(f"Replay {started['id']} sends {started['total']} deliveries again, a few a second.")


@delivery.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@config_option
@json_option
def replays(limit: int, config_file: Path | None, as_json: bool) -> None:
    """List the newest replays of ranges, and how far they are."""
    found = ask(config_file, "replays.list", {"limit": limit})["replays"]
    if as_json:
        print_json(found)
        return
    columns = ("id", "device", "deliveries", "since", "until", "sent", "state")
    rows = [
        (
            *(one["id"], one["device"], one["states"], moment(one["since_at_ms"])),
            *(moment(one["until_at_ms"]), f"{one['done']} of {one['total']}", one["state"]),
        )
        for one in found
    ]
    print_table(columns, rows, "No replays.")


@delivery.command()
@click.argument("replay_id", metavar="ID", type=ID)
@config_option
def cancel(replay_id: int, config_file: Path | None) -> None:
    """Stop the replay ID of a range; what it has made due already is sent."""
    ask(config_file, "replays.cancel", {"id": replay_id})
    click.echo(f"Replay {replay_id} was cancelled.")
