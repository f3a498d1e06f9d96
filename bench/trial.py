"""One trial: a fresh relay in a folder of its own, its devices, one run of the generator on core 1."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from bench.account import Account
from bench.certificates import write_certificates
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
from bench.preload import surroundings
from bench.program import NotRunningError, free_port
from bench.relay_process import Kind, Running, Surroundings, running

_CORE = 1
_BACKLOG_DEVICES = 1000

Start = Callable[[Surroundings], AbstractContextManager[Running]]
Company = Callable[[Path, Running], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """`load` are arguments of `bench.loadgen`; `company` is what else happens to the relay meanwhile."""

    load: Sequence[str]
    devices: int = 1000
    hosts: int = 1
    shares: Shares = ALL_WELL
    attacking_names: int = 0
    https: bool = False
    past: Past = NO_PAST
    fsync_delay_ms: float = 0
    company: Company = lambda _folder, _relay: nullcontext()
    settings: Mapping[str, Any] = field(default_factory=dict)

    def run(self, kind: Kind) -> Account:
        """Raises: NotRunningError, NoCompilerError."""
        return self.run_in(partial(running, kind))

    def run_in(self, start: Start) -> Account:
        """Raises: NotRunningError, NoCompilerError."""
        with tempfile.TemporaryDirectory(prefix="relay-bench-") as name:
            folder = Path(name)
            around, load = self._furnish(folder)
            with start(around) as relay, self.company(folder, relay):
                return _generate(folder, around.devices, relay, load)

    def _furnish(self, folder: Path) -> tuple[Surroundings, list[str]]:
        sites = Sites(
            hosts=self.hosts,
            attacking_names=self.attacking_names,
            port=free_port(),
            dead_port=free_port(),
            scheme="https" if self.https else "http",
        )
        devices = folder / "devices.csv"
        write_fleet(devices, make_fleet(self.devices, self.shares, sites))
        environment = dict(
            surroundings(folder, fsync_delay_ms=self.fsync_delay_ms, attacker=self.attacking_names > 0)
        )
        load, backlog = list(self.load), None
        if self.past.waiting:
            backlog = folder / "backlog.csv"
            write_fleet(backlog, make_backlog_fleet(_BACKLOG_DEVICES, sites))
            load += ["--backlog", os.fspath(backlog)]
        if self.https:
            authority = write_certificates(folder, map(sites.host, range(self.hosts)))
            environment["SSL_CERT_FILE"] = os.fspath(authority)
            load += ["--sink-certificates", os.fspath(folder)]
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
