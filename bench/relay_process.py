"""The relay and those for comparison, each a process with devices, settings and a past of its own."""

import os
import secrets
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, assert_never

import yaml

from bench.filling import NO_PAST, Past, fill
from bench.machine import on_core
from bench.postgresql import NoServerError, empty_database
from bench.program import CORE, NotRunningError, answers, free_port, run_to_its_end, started

_RELAY = (sys.executable, "-m", "relay")


class Kind(StrEnum):
    RELAY = "relay"
    HURRIED = "hurried"
    MEMORY = "memory"
    NAIVE = "naive"
    NAIVE_OUTCOMES = "naive-outcomes"
    POSTGRESQL = "postgresql"
    TWO_NODES = "two-nodes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What one relay process is given; `settings` are dotted configuration keys of the real relay."""

    folder: Path
    devices: Path
    backlog: Path | None = None
    past: Past = NO_PAST
    settings: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """One process, or one a node."""

    pids: tuple[int, ...]
    ingest_urls: tuple[str, ...]
    secret: str
    ready_seconds: float

    @property
    def ingest_url(self) -> str:
        return self.ingest_urls[0]


@contextmanager
def running(kind: Kind, around: Surroundings) -> Iterator[Running]:
    """Raises: NotRunningError."""
    secret = secrets.token_hex(32)
    with ExitStack() as stack:
        if kind in (Kind.POSTGRESQL, Kind.TWO_NODES):
            around = stack.enter_context(_on_postgresql(around))
        running = stack.enter_context(_process(kind, around, secret))
        if kind is Kind.TWO_NODES:
            other = stack.enter_context(_process(kind, around, secret))
            running = replace(
                running, pids=running.pids + other.pids, ingest_urls=running.ingest_urls + other.ingest_urls
            )
        yield running


@contextmanager
def _on_postgresql(around: Surroundings) -> Iterator[Surroundings]:
    try:
        with on_core(CORE), empty_database() as url:
            settings = {"database": url, "secret_key": secrets.token_hex(32), **around.settings}
            yield replace(around, settings=settings)
    except NoServerError as error:
        raise NotRunningError(str(error)) from error


@contextmanager
def _process(kind: Kind, around: Surroundings, secret: str) -> Iterator[Running]:
    port = free_port()
    command = _prepare(kind, around, port, secret)
    log = around.folder / f"{kind}-{port}.log"
    environment = _environment() | dict(around.environment)
    began = time.monotonic()
    with started(command, log, partial(answers, port), environment) as pid:
        yield Running(
            pids=(pid,),
            ingest_urls=(f"http://127.0.0.1:{port}/sigfox/data",),
            secret=secret,
            ready_seconds=time.monotonic() - began,
        )


def _prepare(kind: Kind, around: Surroundings, port: int, secret: str) -> list[str]:
    baseline = ["--port", str(port), "--devices", os.fspath(around.devices)]
    match kind:
        case Kind.RELAY | Kind.POSTGRESQL | Kind.TWO_NODES:
            return [*_RELAY, "serve", *_configured(around, port, secret)]
        case Kind.HURRIED:
            return [sys.executable, "-m", "bench.hurried_relay", "serve", *_configured(around, port, secret)]
        case Kind.MEMORY:
            return [sys.executable, "-m", "bench.memory_relay", *baseline]
        case Kind.NAIVE | Kind.NAIVE_OUTCOMES:
            extra = ["--database", os.fspath(around.folder / "naive.db")]
            extra += ["--outcomes"] if kind is Kind.NAIVE_OUTCOMES else []
            return [sys.executable, "-m", "bench.naive_relay", *baseline, *extra]
        case _:
            assert_never(kind)


def _configured(around: Surroundings, port: int, secret: str) -> list[str]:
    """Arguments that name the configuration of a relay with its devices and its past."""
    config = around.folder / f"config-{port}.yaml"
    settings = _settings(around.folder, port, secret) | dict(around.settings)
    config.touch(mode=0o600)
    config.write_text(yaml.safe_dump(_nest(settings)))
    for devices in filter(None, (around.devices, around.backlog)):
        relay_command(around.folder, "device", "import", os.fspath(devices))
    if not around.past.empty:
        fill(around.folder / "relay.db", around.past, round(time.time() * 1000))
    return ["--config", os.fspath(config)]


def relay_command(folder: Path, *arguments: str) -> None:
    """Runs one beside the relay that lives in the folder, or before it starts. Raises: NotRunningError."""
    config = os.fspath(next(folder.glob("config-*.yaml")))
    run_to_its_end([*_RELAY, *arguments, "--config", config], _environment())


def _settings(folder: Path, port: int, secret: str) -> dict[str, Any]:
    return {
        "public_url": f"http://127.0.0.1:{port}",
        "listen": f"127.0.0.1:{port}",
        "database": f"sqlite:///{folder / 'relay.db'}",
        "secret_key": secrets.token_hex(32),
        "sigfox.secrets": [secret],
        "forwarder.allow_networks": ["127.0.0.0/8"],
        "forwarder.allow_http": True,
    }


def _nest(settings: Mapping[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, value in settings.items():
        *parents, leaf = key.split(".")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})
        node[leaf] = value
    return tree


def _environment() -> dict[str, str]:
    """Ours, without what would overrule the configuration of the run."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("RELAY_", "DATABASE_URL"))}
