"""Having a command run, and printing its answer."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console
from rich.table import Table

from relay.cli.options import config_of
from relay.commands.asked import Answer, Arguments
from relay.commands.session import Run, command_session
from relay.config import Config

if TYPE_CHECKING:
    from relay.commands.here import WayOut

_AT_MS = "_at_ms"
WIDTH_OF_A_FILE = 200
PAGE = 500

T = TypeVar("T")


def ask(
    config_file: Path | None, command: str, arguments: Arguments, way_out: "WayOut | None" = None
) -> Answer:
    """Run one command, here or in the running service."""
    return asyncio.run(_in_session(config_of(config_file), lambda run: run(command, arguments), way_out))


def ask_for_all(config_file: Path | None, command: str, arguments: Arguments, what: str) -> list[Answer]:
    """Run a command that answers a page of `what` until there are no more; each goes on after the `last`."""

    async def all_pages(run: Run) -> list[Answer]:
        found: list[Answer] = []
        after: int | None = -1
        while after is not None:
            page = await run(command, {**arguments, "after": after, "limit": PAGE})
            found += page[what]
            after = page["last"]
        return found

    return asyncio.run(_in_session(config_of(config_file), all_pages))


async def _in_session(
    config: Config, work: Callable[[Run], Awaitable[T]], way_out: "WayOut | None" = None
) -> T:
    async with command_session(config, time.time, way_out) as run:
        return await work(run)


def print_json(answer: Any) -> None:
    """As JSON, with times in ISO 8601."""
    click.echo(json.dumps(_with_moments(answer)))


def _with_moments(value: Any) -> Any:
    if isinstance(value, dict):
        return dict(_with_moment(name, each) for name, each in value.items())
    return [_with_moments(each) for each in value] if isinstance(value, list) else value


def _with_moment(name: str, value: Any) -> tuple[str, Any]:
    if name.endswith(_AT_MS):
        return name.removesuffix("_ms"), moment(value) or None
    return name, _with_moments(value)


def moment(at_ms: int | None) -> str:
    """`2026-11-22T14:05:00Z`; empty for None."""
    if at_ms is None:
        return ""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], nothing: str) -> None:
    """A table, or the sentence `nothing` when there are no rows."""
    if not rows:
        click.echo(nothing, err=True)
        return
    table = Table(*columns)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE, markup=False).print(table)


def print_facts(facts: Answer) -> None:
    """One fact a line."""
    for name, value in _with_moments(facts).items():
        click.echo(f"{name:16} {'' if value is None else value}")
