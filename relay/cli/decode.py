"""`relay decode`."""

import json
import sys
from typing import NoReturn

import click

from relay.cli.asking import print_table
from relay.decoder import PRESETS, parse_grammar
from relay.errors import GrammarError

EXIT_USAGE = 2
_LONGEST_SHOWN = 1000


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
        _refuse(f"the grammar is wrong in column {error.column}: {error.what}{_shown(grammar, error.column)}")
    except ValueError:
        _refuse(f"{payload!r} is not hexadecimal: it takes an even number of digits 0-9 and letters a-f")
    click.echo(json.dumps(fields, ensure_ascii=False))


def _shown(grammar: str, column: int) -> str:
    """Two more lines that point at the fault, where that can be seen."""
    if not grammar.isprintable() or len(grammar) > _LONGEST_SHOWN:
        return ""
    return f"\n  {grammar}\n  {' ' * (column - 1)}^"


def _refuse(message: str) -> NoReturn:
    click.echo(f"relay decode: {message}", err=True)
    sys.exit(EXIT_USAGE)
