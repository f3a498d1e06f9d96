"""Comparing: the same work by several programs in turn, and what came of it side by side."""

import statistics
from collections.abc import Callable, Mapping, Sequence

from bench.account import Account
from bench.findings import Finding, low_middle_high

Run = Callable[[], Account]
Runs = Mapping[str, Sequence[Account]]


def interleaved(rounds: int, runs: Mapping[str, Run]) -> Runs:
    """Every other round turns the order round, so that a drifting machine favours nobody."""
    found: dict[str, list[Account]] = {name: [] for name in runs}
    for index in range(rounds):
        for name in list(runs)[:: -1 if index % 2 else 1]:
            found[name].append(runs[name]())
    return found


def speed_ratios(ours: Sequence[Account], theirs: Sequence[Account]) -> list[float]:
    """Relays a second, round by round."""
    pairs = zip(ours, theirs, strict=True)
    return [one.delivered_per_second / (other.delivered_per_second or 1) for one, other in pairs]


def cost_ratio(ours: Sequence[Account], theirs: Sequence[Account]) -> float:
    """How much more CPU a message costs the others: a ratio of speeds that a busy machine hardly moves."""
    return cpu_us(theirs) / (cpu_us(ours) or 1)


def cpu_us(accounts: Sequence[Account]) -> float:
    """A message's, the median of the rounds."""
    return statistics.median(account.relay["cpu_us_per_message"] for account in accounts)


def side_by_side(title: str, target: str, runs: Runs) -> Finding:
    """Speed and cost of each; what went astray in any round is missed."""
    columns = ("", "relays/s min / median / max", "CPU us/message", "peak MiB")
    finding = Finding(title=title, target=target, columns=columns)
    for name, accounts in runs.items():
        rates = low_middle_high([account.delivered_per_second for account in accounts])
        costs = low_middle_high([account.relay["cpu_us_per_message"] for account in accounts])
        peak = max(account.relay["peak_mib"] for account in accounts)
        finding.rows.append((name, rates, costs, f"{peak:.0f}"))
        for account in accounts:
            finding.require_sound(name, account)
    return finding


def compare(finding: Finding, runs: Runs, ours: str, theirs: str) -> float:
    """Add a row: how much as fast ours is as theirs. Returns the median of its rounds."""
    ratios = speed_ratios(runs[ours], runs[theirs])
    by_cost = f"{cost_ratio(runs[ours], runs[theirs]):.2f} by CPU"
    finding.rows.append((f"{ours} / {theirs}", low_middle_high(ratios, 2), by_cost, ""))
    return statistics.median(ratios)
