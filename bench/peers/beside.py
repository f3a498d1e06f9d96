"""The relay's ceiling beside Node-RED and queues in Redis, in the same rounds."""

from functools import partial

from bench.findings import Finding
from bench.full_speed import MEMORY, RELAY
from bench.peers.installed import install
from bench.peers.node_red import node_red
from bench.peers.redis_queue import Queue, redis_queue
from bench.plan import IN_FLIGHT, Plan, at_full_speed
from bench.relay_process import Kind
from bench.rounds import Run, compare, interleaved, side_by_side
from bench.trial import Trial

_NODE_RED, _TUNED_NODE_RED = "Node-RED, as it comes", "Node-RED, connections kept"
_TO_NODE_RED, _TO_DURABLE = 5, 8
_NODE_RED_SHARE, _QUEUE_SHARE = 2, 10  # they need so much fewer messages to be measured as long


def peers(plan: Plan) -> Finding:
    """As fast as each goes on one core; the queues with Redis as it comes, and durable as the relay is."""
    found = install()
    durable = {queue: f"{queue} + Redis, fsync always" for queue in Queue}
    runs: dict[str, Run] = {
        name: partial(_trial(plan, _NODE_RED_SHARE).run_in, partial(node_red, found, keeps_connections=kept))
        for name, kept in ((_NODE_RED, False), (_TUNED_NODE_RED, True))
    }
    runs[RELAY] = partial(_trial(plan, 1).run, Kind.RELAY)
    runs[MEMORY] = partial(_trial(plan, 1).run, Kind.MEMORY)  # as fast as a relay on aiohttp can be
    for queue in Queue:
        for name, keeps in ((f"{queue} + Redis, as it comes", False), (durable[queue], True)):
            start = partial(redis_queue, queue, found, durable=keeps)
            runs[name] = partial(_trial(plan, _QUEUE_SHARE).run_in, start)
    accounts = interleaved(plan.rounds, runs)
    finding = side_by_side(
        f"Peers: {plan.messages} messages, {IN_FLIGHT} callbacks in flight, {plan.rounds} rounds",
        f">= {_TO_NODE_RED} x Node-RED, >= {_TO_DURABLE} x the best durable one",
        accounts,
    )
    ratios = {name: compare(finding, accounts, RELAY, name) for name in runs if name != RELAY}
    to_node_red, to_durable = ratios[_NODE_RED], min(ratios[name] for name in durable.values())
    finding.found = f"{to_node_red:.1f} x and {to_durable:.1f} x"
    finding.require(to_node_red >= _TO_NODE_RED, f"{to_node_red:.1f} x Node-RED")
    finding.require(to_durable >= _TO_DURABLE, f"{to_durable:.1f} x the best durable one")
    return finding


def _trial(plan: Plan, share: int) -> Trial:
    load = at_full_speed(max(64, plan.messages // share))
    return Trial(load=load, settings=plan.on_one_address)
