"""One trial: a fresh relay in a folder of its own, its devices, one run of the generator on core 1."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bench.account import Account
from bench.asks import crowd
from bench.certificates import write_certificate
from bench.filling import NO_PAST, Past
from bench.fleet import (
    ALL_WELL,
    FIRST_OF_BACKLOG,
    Shares,
    Sites,
    make_backlog_fleet,
    make_fleet,
    write_fleet,
)
from bench.machine import on_core
from bench.relay_process import Kind, NotRunningError, Running, Surroundings, free_port, running
from bench.slow_disk import slow_disk

_CORE = 1
_BACKLOG_DEVICES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """`load` are arguments of `bench.loadgen`; with `https` all webhooks share one certificate.

    `crowd_asks` lets the crowd of `bench.asks` call beside the load, asking or not; None keeps it out.
    """

    load: Sequence[str]
    devices: int = 1000
    hosts: int = 1
    shares: Shares = ALL_WELL
    https: bool = False
    past: Past = NO_PAST
    fsync_delay_ms: float = 0
    crowd_asks: bool | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def run(self, kind: Kind) -> Account:
        """Raises: NotRunningError, NoCompilerError."""
        with tempfile.TemporaryDirectory(prefix="relay-bench-") as name:
            folder = Path(name)
            around, load = self._furnish(folder)
            with running(kind, around) as relay, self._crowd(folder, relay):
                return _generate(folder, around.devices, relay, load)

    def _crowd(self, folder: Path, relay: Running) -> AbstractContextManager[None]:
        return nullcontext() if self.crowd_asks is None else crowd(folder, relay, ack=self.crowd_asks)

    def _furnish(self, folder: Path) -> tuple[Surroundings, list[str]]:
        sites = Sites(
            hosts=self.hosts,
            port=free_port(),
            dead_port=free_port(),
            scheme="https" if self.https else "http",
        )
        devices = folder / "devices.csv"
        write_fleet(devices, make_fleet(self.devices, self.shares, sites))
        environment: dict[str, str] = {}
        load, backlog = list(self.load), None
        if self.past.waiting:
            backlog = folder / "backlog.csv"
            write_fleet(backlog, make_backlog_fleet(_BACKLOG_DEVICES, sites))
            load += ["--backlog", os.fspath(backlog)]
        if self.fsync_delay_ms:
            environment |= slow_disk(folder, self.fsync_delay_ms)
        if self.https:
            certificate, key = write_certificate(folder, [sites.host(index) for index in range(self.hosts)])
            environment["SSL_CERT_FILE"] = os.fspath(certificate)
            load += ["--sink-cert", os.fspath(certificate), "--sink-key", os.fspath(key)]
        around = Surroundings(
            folder=folder,
            devices=devices,
            backlog=backlog,
            past=replace(self.past, backlog_from=FIRST_OF_BACKLOG),
            settings=self.settings,
            environment=environment,
        )
        return around, load


def _generate(folder: Path, devices: Path, relay: Running, load: Sequence[str]) -> Account:
    report = folder / "account.json"
    command = [sys.executable, "-m", "bench.loadgen", "--devices", os.fspath(devices), *load]
    command += ["--ingest", *relay.ingest_urls, "--header", f"Authorization: Bearer {relay.secret}"]
    command += ["--watch-pid", *map(str, relay.pids), "--json", os.fspath(report)]
    with on_core(_CORE):
        generator = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    output, _ = generator.communicate()
    if not report.exists():
        raise NotRunningError(f"the generator failed: {output[-2000:]}")
    account = Account.from_json(report.read_text())
    return replace(account, relay=account.relay | {"ready_seconds": relay.ready_seconds})
