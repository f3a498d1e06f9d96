"""The command's root: what all commands share, and the list of them."""

import sys
from typing import NoReturn

import click

from relay.cli.check_config import check_config
from relay.cli.decode import decode
from relay.cli.demo import demo
from relay.cli.device import device
from relay.cli.endpoint import endpoint
from relay.cli.migrate import migrate
from relay.cli.refused import refused
from relay.cli.rotate_keys import rotate_keys
from relay.cli.serve import serve
from relay.cli.simulate import simulate
from relay.cli.version import version
from relay.errors import ConfigError, RelayError

EXIT_FAILURE = 1
EXIT_CONFIG = 78
"""`EX_CONFIG` of sysexits.h."""


class OneSentence(click.Group):
    """Shows the relay's own errors as one sentence, never as a traceback."""

    def invoke(self, context: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(context)
        except (RelayError, BaseExceptionGroup) as error:
            _end_with(_only_error(error))


def _only_error(error: BaseException) -> BaseException:
    """What a task group wrapped, when that is one error."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _end_with(error: BaseException) -> NoReturn:
    if not isinstance(error, RelayError):
        raise error
    click.echo(f"relay: {error}", err=True)
    sys.exit(EXIT_CONFIG if isinstance(error, ConfigError) else EXIT_FAILURE)


@click.group(cls=OneSentence, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Brings messages of Sigfox devices to their owners' webhooks."""


for command in (
    serve,
    demo,
    check_config,
    migrate,
    device,
    endpoint,
    refused,
    rotate_keys,
    decode,
    simulate,
    version,
):
    main.add_command(command)
