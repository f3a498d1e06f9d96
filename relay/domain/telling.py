"""When an owner is told that an endpoint fails, and that it works again. Pure."""

import enum

from relay.domain.endpoint import EndpointState
from relay.domain.health import HOUR_SECONDS, Health


class Told(enum.IntEnum):
    """How far the owner knows; each step is told once until the endpoint works again."""

    NOTHING = 0
    HOUR = 1
    DAY = 2
    SUSPENDED = 3


def what_to_tell(health: Health, told: Told, now_ms: int) -> Told:
    """What the owner should know now; NOTHING, where more was told before, means that it works again."""
    if health.state is EndpointState.SUSPENDED:
        return Told.SUSPENDED
    if health.failing_since_ms is None:
        return Told.NOTHING if health.state is EndpointState.ACTIVE else told
    hours = (now_ms - health.failing_since_ms) / (HOUR_SECONDS * 1000)
    due = Told.DAY if hours >= 24 else Told.HOUR if hours >= 1 else Told.NOTHING
    return max(due, told)
