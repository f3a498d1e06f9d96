"""How the relay fares when much is waiting, and as its database grows."""

from functools import partial

from bench.filling import NO_PAST, Past
from bench.findings import Finding
from bench.fleet import Mode
from bench.plan import Plan, at_full_speed
from bench.relay_process import Kind
from bench.rounds import compare, interleaved, side_by_side
from bench.trial import Trial

_MILLION = 1_000_000
_READY_SECONDS, _MOST_MIB, _FRESH_P99_MS, _DRAINED_PER_SECOND = 10, 300, 5000, 500
_FLAT = 0.2
_FEW, _SOME = 100, 10_000
_BASE = "10,000 devices"
_GROWN = {
    "100 devices": (_FEW, NO_PAST),
    _BASE: (_SOME, NO_PAST),
    "1,000,000 devices, 10,000 of them sending": (_SOME, Past(devices=_MILLION - _SOME)),
    "10,000 devices, 100,000 old messages": (_SOME, Past(old_messages=100_000)),
    "10,000 devices, 1,000,000 old messages": (_SOME, Past(old_messages=_MILLION)),
}


def backlog(plan: Plan) -> Finding:
    """A million deliveries are due when the relay starts; fresh messages come meanwhile."""
    load = ["--rate", "20", "--seconds", str(plan.seconds), "--drain-seconds", "60"]
    past = Past(waiting=_MILLION)
    account = Trial(load=load, devices=100, hosts=100, past=past, settings=plan.settings).run(Kind.RELAY)
    ready, mib = account.relay["ready_seconds"], account.relay["peak_mib"]
    p99 = account.modes[Mode.OK]["arrival_ms"].get("p99", float("inf"))
    finding = Finding(
        title=f"Backlog: {_MILLION:,} deliveries wait, 20 fresh messages a second for {plan.seconds:g} s",
        target=f"ready <= {_READY_SECONDS} s, <= {_MOST_MIB} MiB, fresh p99 <= {_FRESH_P99_MS} ms, "
        f"drains >= {_DRAINED_PER_SECOND}/s",
        columns=("ready s", "peak MiB", "fresh arrival p99 ms", "drained/s"),
        rows=[(f"{ready:.1f}", f"{mib:.0f}", f"{p99:.0f}", f"{account.soaked_per_second:.0f}")],
    )
    finding.found = f"{ready:.1f} s, {mib:.0f} MiB, {p99:.0f} ms, {account.soaked_per_second:.0f}/s"
    finding.require_sound("fresh messages", account)
    finding.require(ready <= _READY_SECONDS, f"ready after {ready:.1f} s")
    finding.require(mib <= _MOST_MIB, f"{mib:.0f} MiB")
    finding.require(p99 <= _FRESH_P99_MS, f"fresh p99 {p99:.0f} ms")
    finding.require(
        account.soaked_per_second >= _DRAINED_PER_SECOND, f"drains {account.soaked_per_second:.0f}/s"
    )
    return finding


def growth(plan: Plan) -> Finding:
    """The same load beside more and more devices, and more and more old messages: they must cost nothing."""
    load = at_full_speed(plan.messages)
    trials = {
        name: Trial(load=load, devices=devices, past=past, settings=plan.on_one_address)
        for name, (devices, past) in _GROWN.items()
    }
    runs = interleaved(plan.rounds, {name: partial(each.run, Kind.RELAY) for name, each in trials.items()})
    title = f"Cost as it grows: {plan.messages} messages, {plan.rounds} rounds"
    finding = side_by_side(title, f"flat within {_FLAT:.0%}", runs)
    first, *others = runs
    slowest = min(
        compare(finding, runs, name, _BASE if past.old_messages else first)
        for name, (_, past) in _GROWN.items()
        if name in others
    )
    finding.found = f"the slowest {slowest:.2f} of that without"
    finding.require(slowest >= 1 - _FLAT, finding.found)
    return finding
