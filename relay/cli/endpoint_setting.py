"""`relay endpoint add`, `set` and `remove`: several webhooks a device, and how each wants its messages."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from relay.cli.asking import ask, print_json
from relay.cli.options import config_option, json_option
from relay.domain.endpoint_options import KINDS, ContentType, Format, Method

Command = Callable[..., Any]

_OPTIONS = (
    click.option("--name", metavar="TEXT", help="What the webhook is called."),
    click.option(
        "--format", "format_", type=click.Choice([*map(str, Format)]), help="What a request looks like."
    ),
    click.option("--kinds", metavar="LIST", help=f"What it gets, with commas between: {', '.join(KINDS)}."),
    click.option(
        "--header", "headers", multiple=True, metavar="'NAME: VALUE'", help="Sent with each request."
    ),
    click.option("--no-headers", is_flag=True, help="Send none of your own."),
    click.option(
        "--method",
        type=click.Choice([*map(str, Method)], case_sensitive=False),
        help="Of a template.",
    ),
    click.option("--content-type", type=click.Choice([*map(str, ContentType)]), help="Of a template's body."),
    click.option("--body-template", metavar="TEXT", help='Such as \'{"id": "{device}", "t": {time}}\'.'),
    click.option(
        "--await-radio/--no-await-radio",
        "awaits_radio",
        default=None,
        help="Send a message when its DATA_ADVANCED callback came, about half a minute later.",
    ),
    click.option("--ordered/--not-ordered", default=None, help="In the order of arrival, or each at once."),
)


def _settings(command: Command) -> Command:
    """Add an option for each setting of an endpoint."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command()
@click.argument("device_id", metavar="DEVICE")
@click.argument("url")
@_settings
@config_option
@json_option
def add(device_id: str, url: str, config_file: Path | None, as_json: bool, **given: Any) -> None:
    """Add a webhook to DEVICE and print its signing secret.

    With the format template, variables may stand in URL and body: {device}, {time}, {data}, {seqNumber} …
    """
    arguments = {"device": device_id, "url": url, "ordered": given["ordered"], "settings": _given(given)}
    done = ask(config_file, "endpoints.add", arguments)
    if as_json:
        print_json(done)
        return
    click.echo(f"Webhook {done['id']} was added.", err=True)
    click.echo(f"{done['secret']}  (readable only now)")


@click.command("set")
@click.argument("endpoint_id", metavar="NUMBER", type=int)
@click.option("--url", help="Send elsewhere; another host gets a new signing secret and no headers of yours.")
@_settings
@config_option
@json_option
def set_(endpoint_id: int, url: str | None, config_file: Path | None, as_json: bool, **given: Any) -> None:
    """Change the webhook NUMBER (see `relay endpoint show`); what is not named stays.

    A --header replaces all headers; `NAME` without a value keeps that one.
    """
    arguments = {"id": endpoint_id, "url": url, "ordered": given["ordered"], "settings": _given(given)}
    done = ask(config_file, "endpoints.set", arguments)
    if as_json:
        print_json(done)
        return
    click.echo(f"Webhook {endpoint_id} was changed.", err=True)
    if done["headers_left"]:
        names = ", ".join(done["headers_left"])
        click.echo(f"Headers meant for the old host are not sent to the new one: {names}", err=True)
    if done["secret"]:
        click.echo(f"{done['secret']}  (readable only now)")


@click.command()
@click.argument("endpoint_id", metavar="NUMBER", type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@config_option
@json_option
def remove(endpoint_id: int, yes: bool, config_file: Path | None, as_json: bool) -> None:
    """Remove the webhook NUMBER. What is not delivered to it is given up; it stays listed as dead."""
    if not yes:
        click.confirm(f"Remove webhook {endpoint_id} and give up what waits for it?", abort=True, err=True)
    done = ask(config_file, "endpoints.remove", {"id": endpoint_id})
    if as_json:
        print_json(done)
        return
    click.echo(f"Webhook {endpoint_id} was removed; {done['given_up']} deliveries were given up.", err=True)


def _given(options: dict[str, Any]) -> dict[str, Any]:
    kinds = options["kinds"]
    return {
        "name": options["name"],
        "format": options["format_"],
        "kinds": None if kinds is None else [kind for kind in kinds.split(",") if kind.strip()],
        "awaits_radio": options["awaits_radio"],
        "method": options["method"],
        "content_type": options["content_type"],
        "body_template": options["body_template"],
        "headers": _headers(options["headers"], options["no_headers"]),
    }


def _headers(written: tuple[str, ...], none: bool) -> list[list[str | None]] | None:
    """`Name: value` each; without a colon the value that there was is kept."""
    if none:
        return []
    split = [one.partition(":") for one in written]
    return [[name, value if colon else None] for name, colon, value in split] or None
