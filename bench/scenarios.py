"""The questions that the harness answers, each with its target."""

from collections.abc import Callable, Mapping

from bench import full_speed, growth, guesses, latency, nodes, page_times, seldom, viewers
from bench.findings import Finding
from bench.peers import beside
from bench.plan import Plan

Scenario = Callable[[Plan], Finding]
SCENARIOS: Mapping[str, Scenario] = {
    "ceiling": full_speed.ceiling,
    "slow-disk": full_speed.slow_disk,
    "steady": latency.steady,
    "isolation": latency.isolation,
    "dead": seldom.dead,
    "https": full_speed.https,
    "backlog": growth.backlog,
    "growth": growth.growth,
    "viewers": viewers.viewers,
    "pages": page_times.pages,
    "asks": latency.asks,
    "guesses": guesses.guesses,
    "nodes": nodes.nodes,
    "peers": beside.peers,
}
DEFAULT = (
    "ceiling", "slow-disk", "steady", "isolation", "dead", "https", "backlog", "growth", "viewers"
)  # fmt: skip
