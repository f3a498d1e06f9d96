"""How attempts are written down, and what follows for their endpoints."""

from collections.abc import Sequence
from dataclasses import dataclass

from relay.domain.delivery import Cause, DeliveryState
from relay.domain.endpoint import EndpointState
from relay.domain.health import HEALTHY, Health, HealthPolicy, after_failure, after_success
from relay.domain.verdict import Standing, standing
from relay.store.driver import Do, Row, Steps
from relay.store.notices import Notice
from relay.store.records import Settlement


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthChange:
    """An endpoint that moved from one state to another."""

    endpoint_id: int
    before: Health
    after: Health


def settle_all(batch: Sequence[Settlement], node: str, policy: HealthPolicy) -> Steps[list[HealthChange]]:
    """Write down how attempts ended; where the lease was lost meanwhile, only the attempt is kept."""
    before = yield from _read_health(batch)
    after, opened = dict(before), set[int]()
    standings = [_stand(one, after, opened, policy) for one in batch]
    yield Do("settle_delivery", [_settled_row(*pair, node) for pair in zip(batch, standings, strict=True)])
    yield Do("insert_attempt", [_attempt_row(one) for one in batch])
    changed = {key: health for key, health in after.items() if key in opened or health != before[key]}
    yield Do("write_health", [_health_row(key, health, key in opened) for key, health in changed.items()])
    if closed := [key for key, health in after.items() if health.state is not EndpointState.ACTIVE]:
        yield Notice(endpoints=frozenset(closed))
    yield from _next_in_order(batch, standings)
    return [
        HealthChange(endpoint_id=key, before=before[key], after=health)
        for key, health in changed.items()
        if health.state is not before[key].state
    ]


def _read_health(batch: Sequence[Settlement]) -> Steps[dict[int, Health]]:
    """Endpoints that nothing happened to, and that take their messages, are the rule: they are not read."""
    concerned = {
        one.delivery.endpoint.id: None
        for one in batch
        if one.outcome.cause is not None or one.outcome.wants_no_more or one.delivery.endpoint.troubled
    }
    rows = yield Do("read_health", [{"id": endpoint_id} for endpoint_id in sorted(concerned)])
    return {row["id"]: read_health(row) for row in rows}


def read_health(row: Row) -> Health:
    """Health from an endpoint's row."""
    return Health(
        state=EndpointState(row["state"]),
        failures=row["failures"],
        failing_since_ms=row["failing_since_ms"],
        probes=row["probes"],
        probe_at_ms=row["probe_at_ms"],
        cause=Cause(row["cause"]) if row["cause"] else None,
    )


def _stand(
    settlement: Settlement, healths: dict[int, Health], opened: set[int], policy: HealthPolicy
) -> Standing:
    """How the delivery stands; `healths` and the endpoints that `opened` are brought up to date."""
    endpoint_id, outcome = settlement.delivery.endpoint.id, settlement.outcome
    health = healths.get(endpoint_id, HEALTHY)
    if outcome.cause is None and not outcome.wants_no_more:
        health = after_success(health)
    else:
        health = after_failure(health, outcome, policy, outcome.ended_at_ms)
    if endpoint_id in healths:
        if health.state is EndpointState.ACTIVE is not healths[endpoint_id].state:
            opened.add(endpoint_id)
        healths[endpoint_id] = health
    ordered = settlement.delivery.endpoint.ordered
    return standing(settlement.verdict, outcome, health.state, ordered=ordered)


def _settled_row(settlement: Settlement, standing: Standing, node: str) -> dict[str, object]:
    return {
        "id": settlement.delivery.id,
        "attempt": settlement.delivery.attempt,
        "node": node,
        "state": standing.state.value,
        "due_at_ms": standing.due_at_ms,
        "cause": standing.cause,
        "settled_at_ms": None if standing.state is DeliveryState.WAITING else settlement.outcome.ended_at_ms,
    }


def _attempt_row(settlement: Settlement) -> dict[str, object]:
    outcome, course = settlement.outcome, settlement.outcome.course
    return {
        "delivery_id": settlement.delivery.id,
        "number": settlement.delivery.attempt,
        "at_ms": outcome.at_ms,
        "duration_ms": outcome.duration_ms,
        "status": outcome.status,
        "cause": outcome.cause,
        "detail": outcome.detail,
        "answer": outcome.answer,
        "note": outcome.note,
        "address": course.address,
        "looked_up_ms": course.looked_up_ms,
        "reached_ms": course.reached_ms,
        "connected_ms": course.connected_ms,
        "answered_ms": course.answered_ms,
        "answer_headers": course.headers,
    }


def _health_row(endpoint_id: int, after: Health, opened: bool) -> dict[str, object]:
    return {
        "id": endpoint_id,
        "state": after.state,
        "failures": after.failures,
        "failing_since_ms": after.failing_since_ms,
        "probes": after.probes,
        "probe_at_ms": after.probe_at_ms,
        "cause": after.cause,
        "opened": int(opened),
    }


def _next_in_order(batch: Sequence[Settlement], standings: Sequence[Standing]) -> Steps[None]:
    """At an ordered endpoint, what ended lets the next one go."""
    ended = (DeliveryState.DELIVERED, DeliveryState.DEAD)
    for settlement, stands in zip(batch, standings, strict=True):
        if settlement.delivery.endpoint.ordered and stands.state in ended:
            yield from release_next(settlement.delivery.endpoint.id, settlement.outcome.ended_at_ms)


def release_next(endpoint_id: int, now_ms: int) -> Steps[int]:
    """Make the oldest held delivery due, unless another one is under way; the answer is how many were."""
    if (yield Do("waiting_of_endpoint", [{"endpoint_id": endpoint_id, "limit": 1}])):
        return 0
    released = yield Do("release_held", [{"endpoint_id": endpoint_id, "now_ms": now_ms, "limit": 1}])
    if released:
        yield Notice(work=True)
    return len(released)
