"""`relay decode`."""

import json
import sys
from typing import NoReturn

import click

from relay.decoder import parse_grammar
from relay.errors import GrammarError

EXIT_USAGE = 2


@click.command()
@click.argument("grammar")
@click.argument("payload", metavar="HEX")
def decode(grammar: str, payload: str) -> None:
    """Read the payload HEX by a Sigfox GRAMMAR and print its fields as JSON.

    Example: relay decode "temperature::int:8 humidity::uint:8" 152d
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
