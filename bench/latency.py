"""How soon messages arrive: day by day, beside sick webhooks, and beside asks for downlinks."""

import statistics
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from bench.account import Account
from bench.asks import crowd
from bench.findings import Finding, low_middle_high
from bench.fleet import Mode
from bench.plan import Plan, by_the_clock
from bench.relay_process import Kind
from bench.rounds import interleaved
from bench.trial import Trial

_STEADY_PER_SECOND = 1000
_ARRIVAL_P99_MS = 250
_RESENT = 0.02
_HEALTHY_PER_SECOND = 300
_HEALTHY_RATIO, _HEALTHY_NOISE_MS = 2, 20
_SICK = ((Mode.OK, 0.7), (Mode.HANG, 0.2), (Mode.DEAD, 0.1))
_HOSTS, _ATTACKING_NAMES = 200, 100
_COLUMNS = (
    "run",
    "offered",
    "ack p50 / p99 ms",
    "arrival p50 / p99 / max ms",
    "CPU us/message",
    "peak MiB",
)


def steady(plan: Plan) -> Finding:
    """The load of a day of 600,000 devices with callbacks that Sigfox sends twice, by the clock.

    Half of it as well: what a machine shows that cannot carry the whole.
    """
    seconds = plan.steady_seconds
    finding = Finding(
        title=f"Steady: {_STEADY_PER_SECOND}/s for {seconds:g} s, {_RESENT:.0%} of the callbacks sent twice",
        target=f"0 lost, 0 duplicated, 0 misrouted; arrival p99 <= {_ARRIVAL_P99_MS} ms",
        columns=_COLUMNS,
    )
    found = []
    for per_second in (_STEADY_PER_SECOND // 2, _STEADY_PER_SECOND):
        account = _measure_steady(plan, per_second, seconds)
        finding.rows.append(_row(f"{per_second}/s", account))
        finding.require_sound(f"{per_second}/s", account)
        finding.notes.append(f"{per_second}/s: {account.faults}, sent again {account.resent}")
        found.append(f"{_healthy(account)['p99']:.0f} ms at {per_second}/s")
    p99 = _healthy(account)["p99"]
    finding.found = f"nothing astray; {', '.join(found)}" if not finding.missed else "; ".join(found)
    finding.require(p99 <= _ARRIVAL_P99_MS, f"arrival p99 {p99} ms at {_STEADY_PER_SECOND}/s")
    return finding


def _measure_steady(plan: Plan, per_second: int, seconds: float) -> Account:
    load = [*by_the_clock(per_second, seconds), "--resend", str(_RESENT), "--drain-seconds", "120"]
    return Trial(load=load, settings=plan.on_one_address).run(Kind.RELAY)


def isolation(plan: Plan) -> Finding:
    """Healthy webhooks beside ones that hang, are dead or belong to one attacker with many names."""
    load = [*by_the_clock(_HEALTHY_PER_SECOND, plan.seconds), "--drain-seconds", "60"]
    alone = Trial(load=load, hosts=_HOSTS, settings=plan.settings)
    beside = Trial(
        load=load, hosts=_HOSTS, shares=_SICK, attacking_names=_ATTACKING_NAMES, settings=plan.settings
    )
    quiet, beside_sick = "all healthy", "healthy beside sick"
    runs = interleaved(
        plan.rounds, {quiet: partial(alone.run, Kind.RELAY), beside_sick: partial(beside.run, Kind.RELAY)}
    )
    finding = Finding(
        title=f"Isolation: {_HEALTHY_PER_SECOND}/s for {plan.seconds:g} s, 20 % of the webhooks hang, 10 % "
        f"are dead, {_ATTACKING_NAMES} names belong to one attacker",
        target=f"healthy webhooks' p99 <= {_HEALTHY_RATIO} x that without, and <= {_ARRIVAL_P99_MS} ms",
        columns=_COLUMNS,
    )
    for name, accounts in runs.items():
        for account in accounts:
            finding.rows.append(_row(name, account))
            finding.require_sound(name, account)
    p99, without = (_median_p99(runs[name]) for name in (beside_sick, quiet))
    near = p99 <= max(without * _HEALTHY_RATIO, without + _HEALTHY_NOISE_MS)
    finding.found = f"{p99:.0f} ms, {without:.0f} ms without"
    finding.require(p99 <= _ARRIVAL_P99_MS and near, f"healthy p99 {finding.found} the sick")
    return finding


def asks(plan: Plan) -> Finding:
    """Others beside a thousand devices at once whose owners are asked for downlinks and never answer."""
    crowds: dict[str, dict[str, Any]] = {
        "alone": {},
        "beside the same callbacks, not asking": {"company": partial(crowd, ack=False)},
        "beside asks": {"company": partial(crowd, ack=True)},
    }
    load = by_the_clock(100, plan.seconds)
    trials = {
        name: Trial(load=load, settings=plan.on_one_address, **company) for name, company in crowds.items()
    }
    runs = interleaved(plan.rounds, {name: partial(each.run, Kind.RELAY) for name, each in trials.items()})
    finding = Finding(
        title=f"Asks: 100/s for {plan.seconds:g} s beside 1,000 concurrent asks to servers that hang",
        target=f"acknowledgement p99 <= {_HEALTHY_RATIO} x that beside the same callbacks without asks",
        columns=("run", "ack p99 ms min / median / max", "arrival p99 ms min / median / max"),
    )
    for name, accounts in runs.items():
        answered = low_middle_high([account.ack_ms["p99"] for account in accounts])
        arrived = low_middle_high([_healthy(account)["p99"] for account in accounts])
        finding.rows.append((name, answered, arrived))
        for account in accounts:
            finding.require_sound(name, account)
    quiet, plain, asked = (
        statistics.median(account.ack_ms["p99"] for account in accounts) for accounts in runs.values()
    )
    finding.notes.append(f"ratio to not asking {asked / plain:.2f}, to alone {asked / quiet:.2f}")
    near = asked <= max(plain * _HEALTHY_RATIO, plain + _HEALTHY_NOISE_MS)
    finding.found = f"{asked:.0f} ms, {plain:.0f} ms without"
    finding.require(near, f"ack p99 {finding.found} asks")
    return finding


def _median_p99(accounts: Sequence[Account]) -> float:
    return statistics.median(_healthy(account)["p99"] for account in accounts)


def _healthy(account: Account) -> Mapping[str, float]:
    nothing = dict.fromkeys(("p50", "p99", "max"), float("inf"))
    return account.modes[Mode.OK]["arrival_ms"] or nothing


def _row(name: str, account: Account) -> tuple[str, ...]:
    ack, arrival = account.ack_ms or _healthy(account), _healthy(account)
    return (
        name,
        f"{account.offered} ({account.offered_per_second:.0f}/s)",
        f"{ack['p50']} / {ack['p99']}",
        f"{arrival['p50']} / {arrival['p99']} / {arrival['max']}",
        f"{account.relay['cpu_us_per_message']:.0f}",
        f"{account.relay['peak_mib']:.0f}",
    )
