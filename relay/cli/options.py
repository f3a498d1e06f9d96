"""Options and set-up that several commands share."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from relay.config import Config, Loaded, load_config

config_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="The configuration; else $RELAY_CONFIG, ./config.yaml, /etc/sigfox-relay/config.yaml.",
)
json_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON instead of text."
)


def read_config(config_file: Path | None) -> Loaded:
    """Load the configuration.

    Raises:
        ConfigError: With every fault in it.
    """
    return load_config(config_file, os.environ)


def private_files() -> None:
    """What this process creates is for its own user only."""
    os.umask(0o077)


def config_of(config_file: Path | None) -> Config:
    """The settings, for commands that touch the database."""
    private_files()
    return read_config(config_file).config
