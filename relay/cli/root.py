"""The command's root: the list of all commands, and how errors are shown."""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import NoReturn

import click

from relay.errors import ConfigError, RelayError

EXIT_FAILURE = 1
EXIT_CONFIG = 78
"""`EX_CONFIG` of sysexits.h."""

# Where each command stands; a command's module, and all it needs, is imported when it is asked for.
COMMANDS: Mapping[str, str] = {
    "serve": "serve",
    "demo": "demo",
    "check-config": "check_config",
    "migrate": "migrate",
    "device": "device",
    "device-type": "device_type",
    "endpoint": "endpoint",
    "delivery": "delivery",
    "downlink": "downlink",
    "queue": "queue",
    "refused": "refused",
    "sigfox": "sigfox",
    "rotate-keys": "rotate_keys",
    "backup": "backup",
    "verify-backup": "verify_backup",
    "restore": "restore",
    "export": "export",
    "import": "import_",
    "nodes": "nodes",
    "decode": "decode",
    "simulate": "simulate",
    "version": "version",
}


class Commands(click.Group):
    """Imports commands on demand, and shows the relay's own errors as one sentence, never as a traceback."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """All names, in the order of their use."""
        return list(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """One command by its name."""
        module = COMMANDS.get(name)
        if module is None:
            return None
        command: click.Command = getattr(import_module(f"relay.cli.{module}"), module)
        return command

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


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Brings messages of Sigfox devices to their owners' webhooks."""
