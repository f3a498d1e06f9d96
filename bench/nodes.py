"""How much one node and two carry on PostgreSQL, beside SQLite in the same rounds."""

from collections.abc import Mapping
from typing import Any

from bench.account import Account
from bench.findings import Finding, low_middle_high
from bench.relay_process import Kind
from bench.trial import Trial

_NAMES = {
    Kind.RELAY: "SQLite",
    Kind.POSTGRESQL: "PostgreSQL, one node",
    Kind.TWO_NODES: "PostgreSQL, two nodes",
}
_HOSTS = 200
_IN_FLIGHT = 64


def measure(settings: Mapping[str, Any], rounds: int, messages: int) -> Finding:
    """As fast as it goes; the order of the runs turns round by round."""
    load = ["--rate", "max", "--messages", str(messages), "--connections", str(_IN_FLIGHT)]
    trial = Trial(load=load, hosts=_HOSTS, settings=settings)
    runs: dict[Kind, list[Account]] = {kind: [] for kind in _NAMES}
    for index in range(rounds):
        for kind in list(_NAMES)[:: -1 if index % 2 else 1]:
            runs[kind].append(trial.run(kind))
    finding = Finding(
        title=f"Nodes: {messages} messages to {_HOSTS} hosts, {_IN_FLIGHT} in flight, {rounds} rounds",
        target="nothing astray; fsync is on for both databases",
        columns=("", "relays/s min / median / max", "ratio to SQLite", "CPU us/message", "peak MiB"),
    )
    for kind, accounts in runs.items():
        finding.rows.append(_row(kind, accounts, runs[Kind.RELAY]))
        for account in accounts:
            finding.require_sound(_NAMES[kind], account)
    finding.notes.append(
        "The nodes and the server of the database share one core: a second node shows what it costs to be "
        "two, not what a second machine gains. CPU and memory are the nodes', without the server's."
    )
    return finding


def _row(kind: Kind, accounts: list[Account], on_sqlite: list[Account]) -> tuple[str, ...]:
    pairs = zip(accounts, on_sqlite, strict=True)
    ratios = [one.delivered_per_second / other.delivered_per_second for one, other in pairs]
    return (
        _NAMES[kind],
        low_middle_high([one.delivered_per_second for one in accounts]),
        low_middle_high(ratios, 2),
        low_middle_high([one.relay["cpu_us_per_message"] for one in accounts]),
        f"{max(one.relay['peak_mib'] for one in accounts):.0f}",
    )
