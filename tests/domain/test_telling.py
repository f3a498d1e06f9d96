"""When an owner is told."""

import pytest

from relay.domain.delivery import Cause
from relay.domain.endpoint import EndpointState
from relay.domain.health import HEALTHY, Health
from relay.domain.telling import Told, what_to_tell

HOUR_MS = 3_600_000


def failing_for(hours: float, state: EndpointState = EndpointState.FAILING) -> Health:
    since_ms = round(1000 - hours * HOUR_MS)
    return Health(state=state, failures=12, failing_since_ms=since_ms, cause=Cause.REFUSED)


@pytest.mark.parametrize(
    ("health", "told", "expected"),
    [
        (HEALTHY, Told.NOTHING, Told.NOTHING),
        (failing_for(0.9), Told.NOTHING, Told.NOTHING),
        (failing_for(1), Told.NOTHING, Told.HOUR),
        (failing_for(5), Told.HOUR, Told.HOUR),
        (failing_for(24), Told.HOUR, Told.DAY),
        (failing_for(25), Told.NOTHING, Told.DAY),
        (failing_for(130, EndpointState.SUSPENDED), Told.DAY, Told.SUSPENDED),
        (failing_for(0, EndpointState.SUSPENDED), Told.NOTHING, Told.SUSPENDED),
        (failing_for(2), Told.SUSPENDED, Told.SUSPENDED),
        (HEALTHY, Told.HOUR, Told.NOTHING),
        (Health(state=EndpointState.PAUSED), Told.DAY, Told.DAY),
    ],
)
def test_each_step_is_told_once_and_a_success_ends_it(health: Health, told: Told, expected: Told) -> None:
    assert what_to_tell(health, told, 1000) is expected
