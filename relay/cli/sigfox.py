"""`relay sigfox`: what the operator sets up at Sigfox."""

import json
from pathlib import Path

import click

from relay.cli.options import config_of, config_option, json_option
from relay.config import Config
from relay.domain.callback_forms import HIDDEN_SECRET, CallbackForm, callback_forms


@click.group()
def sigfox() -> None:
    """Set up the side of Sigfox."""


@sigfox.command()
@click.option("--show-secret", is_flag=True, help="Print the secret; else stars stand for it.")
@config_option
@json_option
def callbacks(show_secret: bool, config_file: Path | None, as_json: bool) -> None:
    """Print each callback as it is typed at Sigfox, for this relay.

    With --json also the bodies by which Sigfox's API v2 makes them.
    """
    forms = _forms(config_of(config_file), show_secret=show_secret)
    if as_json:
        click.echo(json.dumps([{**_form_fields(form), "api": form.api_body()} for form in forms]))
        return
    click.echo("\n\n".join(map(_readable, forms)))
    if not show_secret:
        click.echo(
            f"\n{HIDDEN_SECRET} stands for the first of sigfox.secrets: --show-secret prints it.", err=True
        )


def _forms(config: Config, *, show_secret: bool) -> tuple[CallbackForm, ...]:
    settings = config.sigfox
    secret = settings.secrets[0].get_secret_value() if show_secret else HIDDEN_SECRET
    return callback_forms(config.public_url, secret, str(settings.batch.pattern), settings.batch.parameter)


def _form_fields(form: CallbackForm) -> dict[str, object]:
    return {
        "kind": form.kind,
        "type": form.type,
        "subtype": form.subtype,
        "channel": form.channel,
        "url": form.url,
        "method": form.method,
        "headers": dict(form.headers),
        "sendSni": True,
        "contentType": form.content_type,
        "body": form.body,
        "linePattern": form.line_pattern,
    }


def _readable(form: CallbackForm) -> str:
    fields = {
        "Type": f"{form.type} {form.subtype}".strip(),
        "Channel": form.channel,
        "Url pattern": form.url,
        "Use HTTP method": form.method,
        "Send SNI": "on",
        **{f"Header {name}": value for name, value in form.headers.items()},
        "Content type": form.content_type,
        "Line pattern": form.line_pattern,
    }
    lines = [f"{name + ':':<22} {value}" for name, value in fields.items() if value]
    return "\n".join([*lines, *([f"Body:\n{form.body}"] if form.body else [])])
