"""The questions that the harness answers, each with its target."""

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.account import Account
from bench.findings import Finding, low_middle_high
from bench.fleet import Mode
from bench.growth import measure_backlog, measure_growth
from bench.guesses import measure as measure_guesses
from bench.nodes import measure as measure_nodes
from bench.page_times import measure as measure_pages
from bench.relay_process import Kind
from bench.trial import Trial

_NAMES = {
    Kind.RELAY: "the relay",
    Kind.MEMORY: "in memory, keeps nothing",
    Kind.NAIVE: "one commit a message",
    Kind.NAIVE_OUTCOMES: "one commit a message, one an outcome",
}
_STEADY_PER_SECOND = 1000
_ARRIVAL_P50_MS, _ARRIVAL_P99_MS = 20, 250
_SLOW_FSYNC_MS = 5
_SLOW_DISK_RATIO = 15
_NAIVE_SHARE = 20  # it needs a twentieth of the messages to be measured as long
_HEALTHY_P99_MS = 250
_HEALTHY_RATIO, _HEALTHY_NOISE_MS = 2, 20
_HTTPS_RATIO, _HTTPS_HOSTS = 0.8, 500
_LATENCY_COLUMNS = (
    "run",
    "offered",
    "ack p50 / p99 ms",
    "arrival p50 / p99 / max ms",
    "CPU us/message",
    "peak MiB",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    rounds: int
    seconds: float
    messages: int
    ceiling_ratio: float
    settings: Mapping[str, Any] = field(default_factory=dict)


def ceiling(plan: Plan) -> Finding:
    """As fast as it goes, beside a relay that keeps nothing."""
    trial = Trial(load=_closed(plan.messages), settings=plan.settings)
    runs = _interleaved(plan.rounds, {Kind.MEMORY: trial, Kind.RELAY: trial})
    finding = _throughput(runs, Kind.MEMORY)
    finding.title = f"Ceiling: {plan.messages} messages, 64 callbacks in flight, {plan.rounds} rounds"
    finding.target = f"at least {plan.ceiling_ratio} of a relay that keeps nothing"
    ratio = statistics.median(_ratios(runs, Kind.MEMORY))
    finding.require(ratio >= plan.ceiling_ratio, f"ratio {ratio:.2f} is below {plan.ceiling_ratio}")
    return finding


def slow_disk(plan: Plan) -> Finding:
    """The same with a disk that needs 5 ms for each fsync, beside one commit a message."""
    fast = Trial(load=_closed(plan.messages), settings=plan.settings, fsync_delay_ms=_SLOW_FSYNC_MS)
    slow = Trial(load=_closed(max(64, plan.messages // _NAIVE_SHARE)), fsync_delay_ms=_SLOW_FSYNC_MS)
    runs = _interleaved(plan.rounds, {Kind.NAIVE: slow, Kind.NAIVE_OUTCOMES: slow, Kind.RELAY: fast})
    finding = _throughput(runs, Kind.NAIVE)
    finding.title = f"Slow disk: {_SLOW_FSYNC_MS} ms added to each fsync, {plan.rounds} rounds"
    finding.target = f"at least {_SLOW_DISK_RATIO} times one commit a message"
    ratio = statistics.median(_ratios(runs, Kind.NAIVE))
    finding.require(ratio >= _SLOW_DISK_RATIO, f"ratio {ratio:.1f} is below {_SLOW_DISK_RATIO}")
    return finding


def steady(plan: Plan) -> Finding:
    """The load of a day of 600,000 devices, by the clock."""
    return _by_the_clock(plan, f"Steady: {_STEADY_PER_SECOND}/s for {plan.seconds:g} s", [])


def repeats(plan: Plan) -> Finding:
    """The same with callbacks that Sigfox sends twice."""
    title = f"Repeats: {_STEADY_PER_SECOND}/s for {plan.seconds:g} s, 2 % of the callbacks sent twice"
    return _by_the_clock(plan, title, ["--resend", "0.02"])


def isolation(plan: Plan) -> Finding:
    """Healthy webhooks beside ones that hang or are dead, and the same load without those."""
    load = [*_open(300, plan.seconds), "--drain-seconds", "60"]
    sick = ((Mode.OK, 0.7), (Mode.HANG, 0.2), (Mode.DEAD, 0.1))
    alone = Trial(load=load, hosts=200, settings=plan.settings)
    beside = Trial(load=load, hosts=200, shares=sick, settings=plan.settings)
    control, tried = alone.run(Kind.RELAY), beside.run(Kind.RELAY)
    finding = Finding(
        title=f"Isolation: 300/s for {plan.seconds:g} s, 20 % of the webhooks hang, 10 % are dead",
        target=f"healthy webhooks' p99 <= {_HEALTHY_P99_MS} ms and {_HEALTHY_RATIO} x that without the sick",
        columns=_LATENCY_COLUMNS,
        rows=[_latency_row("all healthy", control), _latency_row("healthy beside sick", tried)],
    )
    finding.require_sound("all healthy", control)
    finding.require_sound("healthy beside sick", tried)
    p99, quiet = _healthy(tried)["p99"], _healthy(control)["p99"]
    near = p99 <= max(quiet * _HEALTHY_RATIO, quiet + _HEALTHY_NOISE_MS)
    finding.require(p99 <= _HEALTHY_P99_MS and near, f"healthy p99 {p99} ms, {quiet} ms without the sick")
    return finding


def asks(plan: Plan) -> Finding:
    """Others beside a thousand devices at once whose owners are asked for downlinks and never answer."""
    crowds = {"alone": None, "beside the same callbacks, not asking": False, "beside asks": True}
    runs: dict[str, list[Account]] = {name: [] for name in crowds}
    for _ in range(plan.rounds):
        for name, crowd_asks in crowds.items():
            trial = Trial(load=_open(100, plan.seconds), crowd_asks=crowd_asks, settings=plan.settings)
            runs[name].append(trial.run(Kind.RELAY))
    finding = Finding(
        title=f"Asks: 100/s for {plan.seconds:g} s beside 1,000 concurrent asks to servers that hang",
        target=f"acknowledgement p99 <= {_HEALTHY_RATIO} x that beside the same callbacks without asks",
        columns=("run", "ack p99 ms min / median / max", "arrival p99 ms min / median / max"),
    )
    for name, accounts in runs.items():
        acks = low_middle_high([account.ack_ms["p99"] for account in accounts])
        finding.rows.append((name, acks, low_middle_high([_healthy(account)["p99"] for account in accounts])))
        for account in accounts:
            finding.require_sound(name, account)
    quiet, plain, asking = (
        statistics.median(account.ack_ms["p99"] for account in accounts) for accounts in runs.values()
    )
    finding.notes.append(f"ratio to not asking {asking / plain:.2f}, to alone {asking / quiet:.2f}")
    near = asking <= max(plain * _HEALTHY_RATIO, plain + _HEALTHY_NOISE_MS)
    finding.require(near, f"ack p99 {asking} ms, {plain} ms without asks")
    return finding


def https(plan: Plan) -> Finding:
    """Customers with certificates on many hosts: a handshake costs a millisecond, so they must be kept."""
    trials = {
        name: Trial(load=_closed(plan.messages), hosts=_HTTPS_HOSTS, https=secure, settings=plan.settings)
        for name, secure in (("http", False), ("https", True))
    }
    runs: dict[str, list[Account]] = {name: [] for name in trials}
    for index in range(plan.rounds):
        for name in list(trials)[:: -1 if index % 2 else 1]:
            runs[name].append(trials[name].run(Kind.RELAY))
    ratios = [
        ours.delivered_per_second / theirs.delivered_per_second
        for ours, theirs in zip(runs["https"], runs["http"], strict=True)
    ]
    finding = Finding(
        title=f"HTTPS: {plan.messages} messages to {_HTTPS_HOSTS} hosts, {plan.rounds} rounds",
        target=f"at least {_HTTPS_RATIO} of plain http",
        columns=("", "relays/s min / median / max", "CPU us/message", "peak MiB"),
    )
    for name, accounts in runs.items():
        rates = low_middle_high([account.delivered_per_second for account in accounts])
        finding.rows.append((name, rates, *_costs(accounts)))
        for account in accounts:
            finding.require_sound(name, account)
    finding.rows.append(("ratio", low_middle_high(ratios, 2), "", ""))
    finding.notes.append(f"https: at most {max(a.sink_connections for a in runs['https'])} connections")
    finding.require(statistics.median(ratios) >= _HTTPS_RATIO, f"ratio {statistics.median(ratios):.2f}")
    return finding


def backlog(plan: Plan) -> Finding:
    """A start with a million deliveries due."""
    return measure_backlog(plan.settings, plan.seconds)


def pages(plan: Plan) -> Finding:
    """Somebody waits in front of them."""
    return measure_pages(plan.settings)


def growth(plan: Plan) -> Finding:
    """Devices and old messages must cost nothing."""
    return measure_growth(plan.settings, plan.rounds, plan.messages)


def guesses(plan: Plan) -> Finding:
    """Whether the time of an answer tells a guesser that a device exists."""
    return measure_guesses(plan.settings)


def nodes(plan: Plan) -> Finding:
    """One node and two on PostgreSQL, beside SQLite."""
    return measure_nodes(plan.settings, plan.rounds, plan.messages)


Scenario = Callable[[Plan], Finding]
SCENARIOS: Mapping[str, Scenario] = {
    "ceiling": ceiling,
    "steady": steady,
    "repeats": repeats,
    "slow-disk": slow_disk,
    "isolation": isolation,
    "asks": asks,
    "https": https,
    "backlog": backlog,
    "growth": growth,
    "pages": pages,
    "guesses": guesses,
    "nodes": nodes,
}
DEFAULT = ("ceiling", "steady", "nodes")

Runs = Mapping[Kind, list[Account]]


def _closed(messages: int) -> list[str]:
    return ["--rate", "max", "--messages", str(messages), "--connections", "64"]


def _open(per_second: int, seconds: float) -> list[str]:
    return ["--rate", str(per_second), "--seconds", str(seconds)]


def _interleaved(rounds: int, trials: Mapping[Kind, Trial]) -> Runs:
    """Every other round turns the order round, so that a drifting machine favours nobody."""
    runs: dict[Kind, list[Account]] = {kind: [] for kind in trials}
    for index in range(rounds):
        order = list(trials)[:: -1 if index % 2 else 1]
        for kind in order:
            runs[kind].append(trials[kind].run(kind))
    return runs


def _throughput(runs: Runs, yardstick: Kind) -> Finding:
    finding = Finding(
        title="", target="", columns=("", "relays/s min / median / max", "CPU us/message", "peak MiB")
    )
    for kind, accounts in runs.items():
        rates = low_middle_high([account.delivered_per_second for account in accounts])
        finding.rows.append((_NAMES[kind], rates, *_costs(accounts)))
        for account in accounts:
            finding.require_sound(_NAMES[kind], account)
    finding.rows.append(
        (f"ratio to: {_NAMES[yardstick]}", low_middle_high(_ratios(runs, yardstick), 2), "", "")
    )
    return finding


def _ratios(runs: Runs, yardstick: Kind) -> list[float]:
    """Round by round."""
    pairs = zip(runs[Kind.RELAY], runs[yardstick], strict=True)
    return [ours.delivered_per_second / (theirs.delivered_per_second or 1) for ours, theirs in pairs]


def _costs(accounts: list[Account]) -> tuple[str, str]:
    cpu = low_middle_high([account.relay["cpu_us_per_message"] for account in accounts])
    return cpu, f"{max(account.relay['peak_mib'] for account in accounts):.0f}"


def _by_the_clock(plan: Plan, title: str, extra: list[str]) -> Finding:
    load = [*_open(_STEADY_PER_SECOND, plan.seconds), *extra]
    account = Trial(load=load, settings=plan.settings).run(Kind.RELAY)
    finding = Finding(
        title=title,
        target=f"nothing astray; arrival p50 <= {_ARRIVAL_P50_MS} ms, p99 <= {_ARRIVAL_P99_MS} ms",
        columns=_LATENCY_COLUMNS,
        rows=[_latency_row(_NAMES[Kind.RELAY], account)],
        notes=[account.faults, f"sent again {account.resent}"],
    )
    finding.require_sound(_NAMES[Kind.RELAY], account)
    p50, p99 = _healthy(account)["p50"], _healthy(account)["p99"]
    finding.require(p50 <= _ARRIVAL_P50_MS and p99 <= _ARRIVAL_P99_MS, f"arrival p50 {p50} ms, p99 {p99} ms")
    return finding


def _healthy(account: Account) -> Mapping[str, float]:
    nothing = dict.fromkeys(("p50", "p99", "max"), float("inf"))
    return account.modes[Mode.OK]["arrival_ms"] or nothing


def _latency_row(name: str, account: Account) -> tuple[str, ...]:
    ack, arrival = account.ack_ms or _healthy(account), _healthy(account)
    return (
        name,
        f"{account.offered} ({account.offered_per_second:.0f}/s)",
        f"{ack['p50']} / {ack['p99']}",
        f"{arrival['p50']} / {arrival['p99']} / {arrival['max']}",
        f"{account.relay['cpu_us_per_message']:.0f}",
        f"{account.relay['peak_mib']:.0f}",
    )
