"""`relay decode`."""

import json
import sys
from typing import NoReturn

import click

from relay.cli.asking import print_table
from relay.decoder import PRESETS, parse_grammar
from relay.errors import GrammarError

EXIT_USAGE = 2


def _list_presets(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    """Print the presets instead of decoding anything."""
    if wanted and not context.resilient_parsing:
        rows = [[f"preset:{one.name}", one.description, one.example] for one in PRESETS.values()]
        print_table(("grammar", "for", "example"), rows, "")
        context.exit()


@click.command()
@click.argument("grammar")
@click.argument("payload", metavar="HEX")
@click.option(
    "--presets",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_presets,
    help="List the ready-made grammars and exit.",
)
def decode(grammar: str, payload: str) -> None:
    """Read the payload HEX by a Sigfox GRAMMAR and print its fields as JSON.

    \b
    relay decode "temperature::int:8 humidity::uint:8" 152d
    relay decode preset:climate-monitor 0f090072150048be
    """
    try:
        fields = parse_grammar(grammar).decode(bytes.fromhex(payload))
    except GrammarError as error:
        marker = " " * (error.column - 1) + "^"
        _refuse(f"the grammar is wrong in column {error.column}: {error.message}\n  {grammar}\n  {marker}")
    except ValueError:
        _refuse(f"{payload!r} is not hexadecimal: it takes an even number of digits 0-9 and letters a-f")
    click.echo(json.dumps(fields, ensure_ascii=False))


def _refuse(message: str) -> NoReturn:
    click.echo(f"relay decode: {message}", err=True)
    sys.exit(EXIT_USAGE)
