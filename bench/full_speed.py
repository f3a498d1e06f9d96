"""How fast it goes: beside a relay that keeps nothing, with a slow disk, and with https."""

from functools import partial

from bench.findings import Finding
from bench.plan import IN_FLIGHT, Plan, at_full_speed
from bench.relay_process import Kind
from bench.rounds import compare, interleaved, side_by_side
from bench.trial import Trial

RELAY = "the relay"
MEMORY = "in memory, keeps nothing"
_NAIVE = "one commit a message, outcomes forgotten"
_NAIVE_OUTCOMES = "one commit a message, and one as it ends"
_CEILING_RATIO = 0.7
_SLOW_FSYNC_MS, _SLOW_DISK_RATIO = 5, 15
_NAIVE_SHARE = 20  # it needs a twentieth of the messages to be measured as long
_HTTPS_RATIO, _HTTPS_HOSTS = 0.8, 500


def ceiling(plan: Plan) -> Finding:
    """As fast as it goes, beside a relay that keeps nothing."""
    trial = Trial(load=at_full_speed(plan.messages), settings=plan.on_one_address)
    runs = interleaved(
        plan.rounds, {MEMORY: partial(trial.run, Kind.MEMORY), RELAY: partial(trial.run, Kind.RELAY)}
    )
    title = f"Ceiling: {plan.messages} messages, {IN_FLIGHT} callbacks in flight, {plan.rounds} rounds"
    finding = side_by_side(title, f">= {_CEILING_RATIO} of a relay that keeps nothing", runs)
    _require_ratio(finding, compare(finding, runs, RELAY, MEMORY), _CEILING_RATIO)
    return finding


def slow_disk(plan: Plan) -> Finding:
    """The same with a disk that needs 5 ms for each fsync, beside one commit for each thing to remember.

    The one to compare with remembers what it took and what became of it, as the relay does: such a disk
    leaves it some 90 messages a second. One that forgets what it delivered is there to be seen.
    """
    load, settings = at_full_speed(plan.messages), plan.on_one_address
    fast = Trial(load=load, settings=settings)
    slow = Trial(load=load, settings=settings, fsync_delay_ms=_SLOW_FSYNC_MS)
    naive = Trial(load=at_full_speed(max(64, plan.messages // _NAIVE_SHARE)), fsync_delay_ms=_SLOW_FSYNC_MS)
    quick_disk = f"{RELAY}, nothing added"
    runs = interleaved(
        plan.rounds,
        {
            _NAIVE: partial(naive.run, Kind.NAIVE),
            _NAIVE_OUTCOMES: partial(naive.run, Kind.NAIVE_OUTCOMES),
            quick_disk: partial(fast.run, Kind.RELAY),
            RELAY: partial(slow.run, Kind.RELAY),
        },
    )
    title = f"Slow disk: {_SLOW_FSYNC_MS} ms added to each fsync, {plan.rounds} rounds"
    finding = side_by_side(title, f">= {_SLOW_DISK_RATIO} x {_NAIVE_OUTCOMES}", runs)
    compare(finding, runs, RELAY, quick_disk)
    compare(finding, runs, RELAY, _NAIVE)
    _require_ratio(finding, compare(finding, runs, RELAY, _NAIVE_OUTCOMES), _SLOW_DISK_RATIO)
    return finding


def https(plan: Plan) -> Finding:
    """Customers with certificates on many hosts: a handshake costs a millisecond, so they must be kept."""
    load = at_full_speed(plan.messages)
    runs = interleaved(
        plan.rounds,
        {
            name: partial(_to_many_hosts(plan, load, secure).run, Kind.RELAY)
            for name, secure in (("http", False), ("https", True))
        },
    )
    title = f"HTTPS: {plan.messages} messages to {_HTTPS_HOSTS} hosts, {plan.rounds} rounds"
    finding = side_by_side(title, f">= {_HTTPS_RATIO} of plain http", runs)
    finding.notes.append(f"https: at most {max(a.sink_connections for a in runs['https'])} connections")
    _require_ratio(finding, compare(finding, runs, "https", "http"), _HTTPS_RATIO)
    return finding


def _to_many_hosts(plan: Plan, load: list[str], secure: bool) -> Trial:
    return Trial(load=load, hosts=_HTTPS_HOSTS, https=secure, settings=plan.settings)


def _require_ratio(finding: Finding, ratio: float, least: float) -> None:
    finding.found = f"{ratio:.2f}"
    finding.require(ratio >= least, f"ratio {ratio:.2f} is below {least}")
