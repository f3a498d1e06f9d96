"""Starts a relay on core 0, waits until it may take traffic, and stops it as an operator would."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, assert_never

import yaml

from bench.filling import NO_PAST, Past, fill
from bench.machine import on_core, raise_file_limit
from bench.postgresql import NoServerError, empty_database

_CORE = 0
_START_SECONDS = 30
_STOP_SECONDS = 30
_LOG_TAIL = 2000


class Kind(StrEnum):
    RELAY = "relay"
    MEMORY = "memory"
    NAIVE = "naive"
    NAIVE_OUTCOMES = "naive-outcomes"
    POSTGRESQL = "postgresql"
    TWO_NODES = "two-nodes"


class NotRunningError(Exception):
    """The relay under test did not start; the text ends with its log."""


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


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
        with on_core(_CORE), empty_database() as url:
            settings = {"database": url, "secret_key": secrets.token_hex(32), **around.settings}
            yield replace(around, settings=settings)
    except NoServerError as error:
        raise NotRunningError(str(error)) from error


@contextmanager
def _process(kind: Kind, around: Surroundings, secret: str) -> Iterator[Running]:
    port = free_port()
    command = _prepare(kind, around, port, secret)
    log = around.folder / f"{kind}-{port}.log"
    raise_file_limit()
    with log.open("wb") as output, on_core(_CORE):
        environment = _environment() | dict(around.environment)
        started = time.monotonic()
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
    try:
        _wait_until_ready(process, port, log)
        yield Running(
            pids=(process.pid,),
            ingest_urls=(f"http://127.0.0.1:{port}/sigfox/data",),
            secret=secret,
            ready_seconds=time.monotonic() - started,
        )
    finally:
        _stop(process)


def _prepare(kind: Kind, around: Surroundings, port: int, secret: str) -> list[str]:
    baseline = ["--port", str(port), "--devices", os.fspath(around.devices)]
    match kind:
        case Kind.RELAY | Kind.POSTGRESQL | Kind.TWO_NODES:
            return _prepare_real(around, port, secret)
        case Kind.MEMORY:
            return [sys.executable, "-m", "bench.memory_relay", *baseline]
        case Kind.NAIVE | Kind.NAIVE_OUTCOMES:
            extra = ["--database", os.fspath(around.folder / "naive.db")]
            extra += ["--outcomes"] if kind is Kind.NAIVE_OUTCOMES else []
            return [sys.executable, "-m", "bench.naive_relay", *baseline, *extra]
        case _:
            assert_never(kind)


def _prepare_real(around: Surroundings, port: int, secret: str) -> list[str]:
    config = around.folder / f"config-{port}.yaml"
    settings = _settings(around.folder, port, secret) | dict(around.settings)
    config.touch(mode=0o600)
    config.write_text(yaml.safe_dump(_nest(settings)))
    relay = [sys.executable, "-m", "relay"]
    at = ["--config", os.fspath(config)]
    for devices in filter(None, (around.devices, around.backlog)):
        _import(relay, devices, at)
    if not around.past.empty:
        fill(around.folder / "relay.db", around.past, round(time.time() * 1000))
    return [*relay, "serve", *at]


def _import(relay: list[str], devices: Path, at: list[str]) -> None:
    imported = [*relay, "device", "import", os.fspath(devices), *at]
    done = subprocess.run(imported, capture_output=True, text=True, env=_environment(), check=False)
    if done.returncode:
        raise NotRunningError(
            f"`relay device import` ended with {done.returncode}: {done.stderr[-_LOG_TAIL:]}"
        )


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


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if _is_ready(port):
            return
        time.sleep(0.05)
    tail = log.read_text(errors="replace")[-_LOG_TAIL:]
    raise NotRunningError(f"not ready within {_START_SECONDS} s, exit code {process.poll()}: {tail}")


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
