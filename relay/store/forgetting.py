"""Letting go of what is older than it is kept, a small batch at a time.

Ids grow with time (a node takes them in blocks), so the oldest rows have the lowest ids.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from relay.store.driver import Do, Steps

BATCH = 500
_FORGET = (
    "forget_attempts_of_uplink",
    "go_on_after_forgotten",
    "forget_deliveries_of_uplink",
    "forget_uplink",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What was received before these moments (Unix milliseconds) is let go."""

    messages_before_ms: int
    attempts_before_ms: int
    unclaimed_before_ms: int


def forget_uplinks(limits: Limits, after: int) -> Steps[tuple[int, int]]:
    """Look at a batch of uplinks with ids above `after`, and let go of the old ones that were claimed.

    A message goes with its deliveries and their attempts. The answer is the last id looked at
    (0 at the end), and how many went.
    """
    rows = yield Do("oldest_uplinks", [{"after": after, "limit": BATCH}])
    old = [row for row in rows if row["received_at_ms"] < limits.messages_before_ms]
    claimed = [row["id"] for row in old if not row["unclaimed"]]
    yield from forget_all(claimed)
    return (rows[-1]["id"] if len(old) == BATCH else 0), len(claimed)


def forget_unclaimed(limits: Limits) -> Steps[int]:
    """Let go of a batch of old messages that nobody claimed; the answer is how many."""
    rows = yield Do("old_unclaimed", [{"before_ms": limits.unclaimed_before_ms, "limit": BATCH}])
    yield from forget_all([row["id"] for row in rows])
    return len(rows)


def forget_all(uplink_ids: Sequence[int]) -> Steps[None]:
    """Let go of these messages with their deliveries and attempts."""
    for statement in _FORGET:
        yield Do(statement, [{"id": uplink_id} for uplink_id in uplink_ids])


def forget_details(limits: Limits) -> Steps[int]:
    """Let go of a batch of old callbacks, as they were received, attempts and downlinks; says how many.

    Only the lowest ids are looked at: what is old behind much that is young waits until that is old as well.
    """
    callbacks = yield Do("forget_callbacks", [{"before_ms": limits.messages_before_ms, "limit": BATCH}])
    attempts = yield Do("forget_attempts", [{"before_ms": limits.attempts_before_ms, "limit": BATCH}])
    downlinks = yield Do("forget_downlinks", [{"before_ms": limits.messages_before_ms, "limit": BATCH}])
    return len(callbacks) + len(attempts) + len(downlinks)
