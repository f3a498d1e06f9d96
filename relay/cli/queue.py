"""`relay queue`: all that is not delivered."""

from pathlib import Path

import click

from relay.cli.asking import ask, moment, print_json, print_table
from relay.cli.options import config_option, json_option


@click.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many hosts.")
@config_option
@json_option
def queue(limit: int, config_file: Path | None, as_json: bool) -> None:
    """Show what is not delivered: how much, by state and by host, and since when the oldest of it."""
    answer = ask(config_file, "queue.show", {"limit": limit})
    if as_json:
        print_json(answer)
        return
    states = [(one["state"], one["count"], moment(one["oldest_at_ms"])) for one in answer["states"]]
    print_table(("state", "deliveries", "oldest"), states, "Everything is delivered.")
    hosts = [
        (one["host"], one["state"], one["count"], moment(one["oldest_at_ms"])) for one in answer["hosts"]
    ]
    if hosts:
        print_table(("host", "state", "deliveries", "oldest"), hosts, "")
    click.echo(f"The oldest that is due has waited {answer['lag_seconds']:g} s to be taken.", err=True)
