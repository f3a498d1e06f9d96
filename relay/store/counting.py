"""How much there is; nothing here keeps the database busy for long, however much it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relay.domain.delivery import DeliveryState
from relay.store.driver import Do, Row, Steps

MOST_COUNTED = 50_000
"""Of each kind: what is more is told as so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Open deliveries and endpoints by state, each at most `MOST_COUNTED`.

    `oldest_due_at_ms` belongs to the delivery that is due first, perhaps in the future. A delivery that is
    under way is due when its lease ends.
    """

    deliveries: Mapping[str, int]
    endpoints: Mapping[str, int]
    oldest_due_at_ms: int | None
    oldest_fresh_at_ms: int | None = None
    """When the oldest callback came that is not in the statistics yet."""

    def tally_lag_seconds(self, now_ms: int) -> float:
        """For how long the oldest callback has been waiting to be counted."""
        return lag_seconds(self.oldest_fresh_at_ms, now_ms)

    def lag_seconds(self, now_ms: int) -> float:
        """For how long the oldest delivery that is due has been waiting for somebody to take it."""
        return lag_seconds(self.oldest_due_at_ms, now_ms)


def lag_seconds(oldest_due_at_ms: int | None, now_ms: int) -> float:
    """0 when nothing is due."""
    return 0.0 if oldest_due_at_ms is None else max(0, now_ms - oldest_due_at_ms) / 1000


def oldest_due() -> Steps[int | None]:
    """When the delivery that is due first is due."""
    rows = yield Do("oldest_due")
    return rows[0]["due_at_ms"] if rows else None


def count_all() -> Steps[Counts]:
    """What `/metrics` tells."""
    deliveries = yield Do("count_open", [{"most": MOST_COUNTED}])
    endpoints = yield Do("count_endpoints", [{"most": MOST_COUNTED}])
    fresh = yield Do("oldest_fresh")
    return Counts(
        deliveries=_by_state(deliveries),
        endpoints=_by_state(endpoints),
        oldest_due_at_ms=(yield from oldest_due()),
        oldest_fresh_at_ms=fresh[0]["received_at_ms"] if fresh else None,
    )


def _by_state(rows: Sequence[Row]) -> Mapping[str, int]:
    return {row["state"]: row["count"] for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDeliveries:
    """How many deliveries of an endpoint are in a state, and since when the oldest of them."""

    state: DeliveryState
    count: int
    oldest_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAtEndpoint:
    """What is not delivered at one endpoint; `host` is empty when the endpoint is gone."""

    endpoint_id: int
    host: str
    open: Sequence[OpenDeliveries]


def open_at(endpoint_id: int) -> Steps[list[OpenDeliveries]]:
    """What is not delivered at one endpoint, by state."""
    rows = yield Do("open_deliveries_of_endpoint", [{"endpoint_id": endpoint_id}])
    return [
        OpenDeliveries(
            state=DeliveryState(row["state"]), count=row["count"], oldest_at_ms=row["oldest_at_ms"]
        )
        for row in rows
    ]


def open_by_endpoint(after: int, most: int) -> Steps[list[OpenAtEndpoint]]:
    """Endpoints with an id above `after` where something is not delivered; fewer than `most` at the end."""
    found: list[OpenAtEndpoint] = []
    while len(found) < most:
        rows = yield Do("next_open_endpoint", [{"after": after}])
        if not rows:
            break
        after = rows[0]["endpoint_id"]
        is_open = yield from open_at(after)
        found.append(OpenAtEndpoint(endpoint_id=after, host=rows[0]["host"] or "", open=is_open))
    return found
