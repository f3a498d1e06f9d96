"""How the relay fares when much is waiting, and as its database grows."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from bench.account import Account
from bench.filling import NO_PAST, Past
from bench.findings import Finding, low_middle_high
from bench.fleet import Mode
from bench.relay_process import Kind
from bench.trial import Trial

_MILLION = 1_000_000
_READY_SECONDS, _MOST_MIB, _FRESH_P99_MS, _DRAINED_PER_SECOND = 10, 300, 5000, 500
_FLAT = 0.2


def measure_backlog(settings: Mapping[str, Any], seconds: float) -> Finding:
    """A million deliveries are due when the relay starts; fresh messages come meanwhile."""
    load = ["--rate", "20", "--seconds", str(seconds), "--drain-seconds", "60"]
    account = Trial(load=load, devices=100, hosts=100, past=Past(waiting=_MILLION), settings=settings).run(
        Kind.RELAY
    )
    ready, mib = account.relay["ready_seconds"], account.relay["peak_mib"]
    p99 = account.modes[Mode.OK]["arrival_ms"].get("p99", float("inf"))
    finding = Finding(
        title=f"Backlog: {_MILLION:,} deliveries wait, 20 fresh messages a second for {seconds:g} s",
        target=f"ready <= {_READY_SECONDS} s, <= {_MOST_MIB} MiB, fresh p99 <= {_FRESH_P99_MS} ms, "
        f"drains >= {_DRAINED_PER_SECOND}/s",
        columns=("ready s", "peak MiB", "fresh arrival p99 ms", "drained/s"),
        rows=[(f"{ready:.1f}", f"{mib:.0f}", f"{p99:.0f}", f"{account.soaked_per_second:.0f}")],
    )
    finding.require_sound("fresh messages", account)
    finding.require(ready <= _READY_SECONDS, f"ready after {ready:.1f} s")
    finding.require(mib <= _MOST_MIB, f"{mib:.0f} MiB")
    finding.require(p99 <= _FRESH_P99_MS, f"fresh p99 {p99:.0f} ms")
    finding.require(
        account.soaked_per_second >= _DRAINED_PER_SECOND, f"drains {account.soaked_per_second:.0f}/s"
    )
    return finding


def measure_growth(settings: Mapping[str, Any], rounds: int, messages: int) -> Finding:
    """The same load beside more and more devices and old messages."""
    load = ["--rate", "max", "--messages", str(messages), "--connections", "64"]
    pasts = {
        "100 devices": (100, NO_PAST),
        "10,000 devices": (10_000, NO_PAST),
        "1,000,000 devices, 10,000 of them sending": (10_000, Past(devices=_MILLION - 10_000)),
        "10,000 devices, 100,000 old messages": (10_000, Past(old_messages=100_000)),
        "10,000 devices, 1,000,000 old messages": (10_000, Past(old_messages=_MILLION)),
    }
    trials = {
        name: Trial(load=load, devices=devices, past=past, settings=settings)
        for name, (devices, past) in pasts.items()
    }
    runs: dict[str, list[Account]] = {name: [] for name in trials}
    for index in range(rounds):
        for name in list(trials)[:: -1 if index % 2 else 1]:
            runs[name].append(trials[name].run(Kind.RELAY))
    return _growth_finding(runs, f"{messages} messages, {rounds} rounds")


def _growth_finding(runs: Mapping[str, Sequence[Account]], how: str) -> Finding:
    finding = Finding(
        title=f"Cost as it grows: {how}",
        target=f"flat within {_FLAT:.0%}",
        columns=("", "relays/s min / median / max", "CPU us/message", "peak MiB"),
    )
    medians = {}
    for name, accounts in runs.items():
        rates = [account.delivered_per_second for account in accounts]
        medians[name] = statistics.median(rates)
        costs = low_middle_high([account.relay["cpu_us_per_message"] for account in accounts])
        peak = max(account.relay["peak_mib"] for account in accounts)
        finding.rows.append((name, low_middle_high(rates), costs, f"{peak:.0f}"))
        for account in accounts:
            finding.require_sound(name, account)
    first = next(iter(medians.values()))
    slow = {name: rate / first for name, rate in medians.items() if rate < (1 - _FLAT) * first}
    finding.require(not slow, f"slower than the first: {slow}")
    return finding
