"""`relay endpoint`: the webhooks of devices."""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any

import click

from relay.cli.asking import ask, ask_for_all, moment, print_facts, print_json, print_table
from relay.cli.endpoint_setting import add, remove, set_
from relay.cli.options import config_option, json_option
from relay.commands.asked import Answer
from relay.domain.endpoint import EndpointState
from relay.forwarder.opening import trying_out_alone
from relay.store.endpoints import Backlog


@click.group()
def endpoint() -> None:
    """Look at the webhooks of devices, and change them.

    DEVICE is the ID of a device and stands for all its webhooks, NUMBER for one (see `relay endpoint list`).
    """


for command in (add, set_, remove):
    endpoint.add_command(command)


def _chosen(command: Callable[..., None]) -> Callable[..., None]:
    """Add what names webhooks; the command gets them as `chosen`."""

    @wraps(command)
    def with_chosen(device_id: str, number: int | None, **others: Any) -> None:
        if not device_id and number is None:
            raise click.UsageError("Name a DEVICE, or one webhook with --number.")
        command(chosen={"device": device_id, "number": number}, **others)

    only = click.option("--number", type=int, help="Only this webhook; DEVICE can be left out.")
    return click.argument("device_id", metavar="[DEVICE]", default="")(only(with_chosen))


@endpoint.command("list")
@click.option("--state", type=click.Choice([*map(str, EndpointState)]), help="Only those in this state.")
@config_option
@json_option
def list_(state: str | None, config_file: Path | None, as_json: bool) -> None:
    """List all webhooks and how they fare."""
    found = ask_for_all(config_file, "endpoints.list", {"state": state}, "endpoints")
    if as_json:
        print_json(found)
        return
    columns = ("number", "device", "host", "state", "failures", "failing since", "next probe", "cause")
    print_table(columns, [_row(one) for one in found], "No webhooks.")


def _row(one: Answer) -> Sequence[object]:
    state = one["state"] + (", sends what was held" if one["draining"] else "")
    times = (moment(one["failing_since_at_ms"]), moment(one["next_probe_at_ms"]))
    return (one["id"], one["device"], one["host"], state, one["failures"], *times, one["cause"])


@endpoint.command()
@_chosen
@config_option
@json_option
def show(chosen: Answer, config_file: Path | None, as_json: bool) -> None:
    """Show how the webhook of DEVICE fares, and what is not delivered to it."""
    _print_endpoints(ask(config_file, "endpoints.show", chosen), as_json)


@endpoint.command()
@_chosen
@config_option
@json_option
def pause(chosen: Answer, config_file: Path | None, as_json: bool) -> None:
    """Send nothing to the webhook of DEVICE; what comes is held until `relay endpoint resume`."""
    _print_endpoints(ask(config_file, "endpoints.pause", chosen), as_json)


@endpoint.command()
@_chosen
@click.option(
    "--backlog",
    type=click.Choice([*map(str, Backlog)]),
    default=str(Backlog.ALL),
    show_default=True,
    help="What happens to what was held: all of it is sent, only the newest, or nothing.",
)
@config_option
@json_option
def resume(chosen: Answer, backlog: str, config_file: Path | None, as_json: bool) -> None:
    """Send to the webhook of DEVICE again, also when it is suspended.

    What is not sent of the backlog stays listed as dead and can be replayed.
    """
    answer = ask(config_file, "endpoints.resume", {**chosen, "backlog": backlog})
    _print_endpoints(answer, as_json)
    if answer["given_up"]:
        click.echo(f"{answer['given_up']} held messages were given up.", err=True)


@endpoint.command()
@_chosen
@click.option("--on/--off", "ordered", required=True, help="In the order of arrival, or each at once.")
@config_option
@json_option
def order(chosen: Answer, ordered: bool, config_file: Path | None, as_json: bool) -> None:
    """Send the messages of DEVICE one at a time in the order of their arrival, or not.

    In order, a message that fails holds up those behind it until it is delivered or given up.
    """
    _print_endpoints(ask(config_file, "endpoints.order", {**chosen, "ordered": ordered}), as_json)


@endpoint.command()
@_chosen
@config_option
@json_option
def test(chosen: Answer, config_file: Path | None, as_json: bool) -> None:
    """Send a signed sample to the webhook of DEVICE, once, now; exit 1 when it is not taken.

    It is no message of the device: nothing of it is kept, and the state of the webhook stays as it is.
    """
    tests = ask(config_file, "endpoints.test", chosen, trying_out_alone)["tests"]
    if as_json:
        print_json(tests)
    else:
        for one in tests:
            click.echo(f"{one['host']}: {one['says']} ({one['cause'] or 'delivered'}, {one['ms']} ms)")
    sys.exit(0 if all(one["taken"] for one in tests) else 1)


def _print_endpoints(answer: Answer, as_json: bool) -> None:
    if as_json:
        print_json(answer["endpoints"])
        return
    for one in answer["endpoints"]:
        print_facts({name: _told(value) for name, value in one.items() if name != "open"})
        for each in one["open"]:
            click.echo(f"{each['state']:16} {each['count']}, the oldest since {moment(each['oldest_at_ms'])}")


def _told(value: object) -> object:
    return ", ".join(value) if isinstance(value, list | dict) else value


@endpoint.command("rotate-secret")
@_chosen
@config_option
@json_option
def rotate_secret(chosen: Answer, config_file: Path | None, as_json: bool) -> None:
    """Make a new signing secret for the webhook of DEVICE and print it; both sign for 24 hours."""
    done = ask(config_file, "endpoints.rotate_secret", chosen)
    if as_json:
        print_json(done)
        return
    until = datetime.fromtimestamp(done["both_until_ms"] / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
    click.echo(f"{done['secret']}  (readable only now)")
    click.echo(f"Requests are signed with the old secret as well until {until}.", err=True)
