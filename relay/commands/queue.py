"""The command about all that is not delivered."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from relay.commands.asked import Answer, Arguments
from relay.commands.context import CommandContext
from relay.domain.delivery import DeliveryState
from relay.store.counting import OpenAtEndpoint, lag_seconds, oldest_due, open_by_endpoint

ENDPOINTS_AT_ONCE = 200
"""Looked at in one transaction; in between others get their turn."""


@dataclass(slots=True)
class _Sum:
    count: int = 0
    oldest_at_ms: int | None = None

    def add(self, count: int, oldest_at_ms: int) -> None:
        self.count += count
        self.oldest_at_ms = min(oldest_at_ms, self.oldest_at_ms or oldest_at_ms)


_Key = tuple[str, DeliveryState]


async def show_queue(context: CommandContext, arguments: Arguments) -> Answer:
    """What is not delivered, by state and by host; `limit` hosts, those with the most first."""
    by_state: dict[DeliveryState, _Sum] = defaultdict(_Sum)
    by_host: dict[_Key, _Sum] = defaultdict(_Sum)
    after: int | None = -1
    while after is not None:
        found = await context.store.driver.transact(open_by_endpoint(after, ENDPOINTS_AT_ONCE))
        _add(found, by_state, by_host)
        after = found[-1].endpoint_id if len(found) == ENDPOINTS_AT_ONCE else None
    first_due = await context.store.driver.transact(oldest_due())
    largest = sorted(by_host.items(), key=lambda item: -item[1].count)[: arguments["limit"]]
    return {
        "lag_seconds": lag_seconds(first_due, context.now_ms()),
        "states": [{"state": state, **_facts(one)} for state, one in sorted(by_state.items())],
        "hosts": [{"host": host, "state": state, **_facts(one)} for (host, state), one in largest],
    }


def _add(
    found: Iterable[OpenAtEndpoint], by_state: dict[DeliveryState, _Sum], by_host: dict[_Key, _Sum]
) -> None:
    for endpoint in found:
        for one in endpoint.open:
            by_state[one.state].add(one.count, one.oldest_at_ms)
            if one.state is not DeliveryState.DEAD:
                by_host[endpoint.host, one.state].add(one.count, one.oldest_at_ms)


def _facts(one: _Sum) -> Answer:
    return {"count": one.count, "oldest_at_ms": one.oldest_at_ms}
