"""How an endpoint fares: when the relay stops sending to it, when it probes, when it opens it again.

Made for devices that speak 1 to 140 times a day: an endpoint is suspended by time, not by rate.
"""

from dataclasses import dataclass, replace
from typing import assert_never

from relay.domain.delivery import Cause, Outcome
from relay.domain.endpoint import EndpointState

HOUR_SECONDS = 3600.0
LONGEST_TRY_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPolicy:
    """`probe_schedule_seconds` are the waits between probes of a failing endpoint; the last one repeats."""

    probe_schedule_seconds: tuple[float, ...]
    close_after_failures: int = 10
    suspend_after_seconds: float = 5 * 24 * HOUR_SECONDS
    suspend_after_failures: int = 5
    suspended_probe_seconds: tuple[float, ...] = (HOUR_SECONDS, 6 * HOUR_SECONDS, 24 * HOUR_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`failures` are those since the last success, `failing_since_ms` when the first of them was."""

    state: EndpointState
    failures: int = 0
    failing_since_ms: int | None = None
    probes: int = 0
    probe_at_ms: int | None = None
    cause: Cause | None = None


DEFAULT_POLICY = HealthPolicy(
    probe_schedule_seconds=(
        5.0,
        30.0,
        300.0,
        1800.0,
        *(hours * HOUR_SECONDS for hours in (2, 5, 10, 14, 20, 24)),
    )
)

HEALTHY = Health(state=EndpointState.ACTIVE)


def after_success(health: Health) -> Health:
    """A message was taken: the endpoint opens, unless its owner paused it."""
    return HEALTHY if health.state is not EndpointState.PAUSED else Health(state=EndpointState.PAUSED)


def after_failure(health: Health, outcome: Outcome, policy: HealthPolicy, now_ms: int) -> Health:
    """One more attempt failed, or its receiver asked for no more.

    What was under way when the endpoint was suspended is no probe.
    """
    failed = replace(
        health,
        failures=health.failures + 1,
        failing_since_ms=now_ms if health.failing_since_ms is None else health.failing_since_ms,
        cause=outcome.cause or Cause.GONE,
    )
    match health.state:
        case EndpointState.PAUSED:
            return failed
        case EndpointState.SUSPENDED if _was_just_suspended(health, policy, now_ms):
            return failed
        case EndpointState.SUSPENDED:
            return _next_probe(failed, policy.suspended_probe_seconds, health.probes + 1, now_ms)
        case _ if outcome.wants_no_more or _has_failed_for_long(failed, policy, now_ms):
            suspended = replace(failed, state=EndpointState.SUSPENDED)
            return _next_probe(suspended, policy.suspended_probe_seconds, 0, now_ms)
        case EndpointState.FAILING:
            return _next_probe(failed, policy.probe_schedule_seconds, health.probes + 1, now_ms)
        case EndpointState.ACTIVE if failed.failures < policy.close_after_failures:
            return failed
        case EndpointState.ACTIVE:
            closed = replace(failed, state=EndpointState.FAILING)
            return _next_probe(closed, policy.probe_schedule_seconds, 0, now_ms)
        case _:
            assert_never(health.state)


def _has_failed_for_long(health: Health, policy: HealthPolicy, now_ms: int) -> bool:
    since_ms = now_ms if health.failing_since_ms is None else health.failing_since_ms
    return (
        health.failures >= policy.suspend_after_failures
        and now_ms - since_ms >= policy.suspend_after_seconds * 1000
    )


def _was_just_suspended(health: Health, policy: HealthPolicy, now_ms: int) -> bool:
    if health.probes or health.probe_at_ms is None:
        return False
    suspended_at_ms = health.probe_at_ms - policy.suspended_probe_seconds[0] * 1000
    return 0 <= now_ms - suspended_at_ms < LONGEST_TRY_SECONDS * 1000


def _next_probe(health: Health, waits: tuple[float, ...], probes: int, now_ms: int) -> Health:
    wait_seconds = waits[min(probes, len(waits) - 1)]
    return replace(health, probes=probes, probe_at_ms=now_ms + round(wait_seconds * 1000))
