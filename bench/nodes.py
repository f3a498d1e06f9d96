"""How much one node and two carry on PostgreSQL, beside SQLite in the same rounds."""

from functools import partial

from bench.findings import Finding
from bench.plan import IN_FLIGHT, Plan, at_full_speed
from bench.relay_process import Kind
from bench.rounds import compare, interleaved, side_by_side
from bench.trial import Trial

_SQLITE, _ONE, _TWO = "SQLite", "PostgreSQL, one node", "PostgreSQL, two nodes"
_KINDS = {_SQLITE: Kind.RELAY, _ONE: Kind.POSTGRESQL, _TWO: Kind.TWO_NODES}
_HOSTS = 200


def nodes(plan: Plan) -> Finding:
    """As fast as it goes; `fsync` is on for both databases."""
    trial = Trial(load=at_full_speed(plan.messages), hosts=_HOSTS, settings=plan.settings)
    runs = interleaved(plan.rounds, {name: partial(trial.run, kind) for name, kind in _KINDS.items()})
    title = f"Nodes: {plan.messages} messages to {_HOSTS} hosts, {IN_FLIGHT} in flight, {plan.rounds} rounds"
    finding = side_by_side(title, "nothing astray", runs)
    ratios = [compare(finding, runs, name, _SQLITE) for name in (_ONE, _TWO)]
    finding.found = " and ".join(f"{ratio:.2f}" for ratio in ratios) + " of SQLite"
    finding.notes.append(
        "The nodes and the server of the database share one core: a second node shows what it costs to be "
        "two, not what a second machine gains. CPU and memory are the nodes', without the server's."
    )
    return finding
