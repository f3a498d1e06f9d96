"""`relay device events` and `relay device stats`."""

import json
from pathlib import Path

import click

from relay.cli.asking import ask, moment, print_facts, print_json, print_table
from relay.cli.options import config_option, json_option
from relay.commands.asked import Answer, device_number

_COLUMNS = ("day", "messages", "bytes", "missed", "snr", "rssi", "temperature", "voltage")


@click.command()
@click.argument("device_id", metavar="ID")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many.")
@click.option("--before", type=click.IntRange(min=1), metavar="ID", help="Only those older than this event.")
@config_option
@json_option
def events(device_id: str, limit: int, before: int | None, config_file: Path | None, as_json: bool) -> None:
    """Show what happened to the device ID, newest first: losses, silence, battery, news from Sigfox."""
    device_number(device_id)
    answer = ask(config_file, "devices.events", {"device": device_id, "limit": limit, "before": before})
    if as_json:
        print_json(answer["events"])
        return
    rows = [
        (moment(one["at_ms"]), one["severity"], one["kind"], json.dumps(one["facts"], ensure_ascii=False))
        for one in answer["events"]
    ]
    print_table(("time", "severity", "event", "facts"), rows, "Nothing happened yet.")
    if len(rows) == limit:
        click.echo(
            f"Older ones: relay device events {device_id} --before {answer['events'][-1]['id']}", err=True
        )


@click.command()
@click.argument("device_id", metavar="ID")
@click.option(
    "--days", type=click.IntRange(1, 731), default=31, show_default=True, help="How many, with today."
)
@config_option
@json_option
def stats(device_id: str, days: int, config_file: Path | None, as_json: bool) -> None:
    """Show how much the device ID sent on each day, how it was heard, and what is known of it now."""
    device_number(device_id)
    answer = ask(config_file, "devices.stats", {"device": device_id, "days": days})
    if as_json:
        print_json(answer)
        return
    print_facts(_flat(answer["state"]))
    rows = [[one[column] for column in _COLUMNS] for one in answer["days"]]
    print_table(_COLUMNS, rows, "Nothing was sent in these days.")
    click.echo(f"Days of {answer['time_zone']}; the last four columns are means.", err=True)


def _flat(state: Answer) -> Answer:
    place = state["place"] or {}
    where = f"{place['latitude']:.5f}, {place['longitude']:.5f} ({place['source']})" if place else None
    return {**state, "place": where}
