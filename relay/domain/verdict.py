"""What follows from an attempt: delivered, due again, held, or dead."""

import math
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import assert_never

from msgspec import Struct

from relay.domain.delivery import Cause, DeliveryState, Outcome, Wish
from relay.domain.endpoint import EndpointState

HOUR_SECONDS = 3600.0
SLOW_DOWN_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 29 * HOUR_SECONDS
JITTER = 0.15
_LONGEST_BASE_SECONDS = LONGEST_WAIT_SECONDS / (1 + JITTER)

_WAIT_LONGER = {Cause.RATE_LIMITED, Cause.READ_TIMEOUT, Cause.CONNECT_TIMEOUT}


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """`schedule_seconds[n]` is the wait before try n+1; its length is the number of tries."""

    schedule_seconds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Delivered:
    """The receiver took it with a 2xx."""


@dataclass(frozen=True, slots=True)
class DueAgain:
    """Try again at this Unix time in milliseconds."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Held:
    """All tries are spent; it waits for its endpoint to open again, or for a person."""

    cause: Cause


@dataclass(frozen=True, slots=True)
class Dead:
    """Given up; kept and listed, and a replay makes it due."""

    cause: Cause


Verdict = Delivered | DueAgain | Held | Dead


def judge(tries: int, outcome: Outcome, policy: RetryPolicy, now: float, spread: float) -> Verdict:
    """Decide after try number `tries` (from 1), at Unix time `now` in seconds.

    `spread` in [0, 1) is the chance that spreads retries by +-15 %, but never to before the time that the
    receiver asked for, or that its state asks for.
    """
    if outcome.cause is None:
        return Delivered()
    if outcome.wish is Wish.ABORT_MESSAGE:
        return Dead(Cause.ABORTED)
    if tries >= len(policy.schedule_seconds):
        return Held(outcome.cause)
    base = min(policy.schedule_seconds[tries], _LONGEST_BASE_SECONDS)
    planned = base * (1 + JITTER * (2 * spread - 1))
    least = _least_seconds(base, outcome, now) * (1 + JITTER * spread)
    return DueAgain(round((now + max(planned, least)) * 1000))


def _least_seconds(base: float, outcome: Outcome, now: float) -> float:
    slow_down = SLOW_DOWN_SECONDS if outcome.cause in _WAIT_LONGER else 0.0
    asked = retry_after_seconds(outcome.retry_after, now) or 0.0
    most = min(max(2 * base, HOUR_SECONDS), _LONGEST_BASE_SECONDS)
    return max(slow_down, min(asked, most))


def retry_after_seconds(header: str | None, now: float) -> float | None:
    """Read a `Retry-After` header, seconds or HTTP date (RFC 9110 10.2.3); None when it is of no use."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        moment = parsedate_to_datetime(text)
        # Dates without a zone, as asctime writes them, are in UTC as well.
        wait = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - now
    except (ValueError, OverflowError):
        return None
    return wait if math.isfinite(wait) and wait > 0 else None


class Standing(Struct, frozen=True, kw_only=True):
    """How a delivery stands after a verdict; `due_at_ms` only matters while it waits."""

    state: DeliveryState
    due_at_ms: int
    cause: Cause | None


def standing(verdict: Verdict, outcome: Outcome, endpoint: EndpointState, *, ordered: bool) -> Standing:
    """What the verdict means at an endpoint in this state: only at an active one does anything wait.

    Where messages go in order, one that has spent its tries must not stop all that follow: it is given up.
    """
    is_active = endpoint is EndpointState.ACTIVE
    open_state = DeliveryState.WAITING if is_active else DeliveryState.HELD
    held_state = DeliveryState.DEAD if is_active and ordered else DeliveryState.HELD
    match verdict:
        case Delivered():
            return Standing(state=DeliveryState.DELIVERED, due_at_ms=outcome.ended_at_ms, cause=None)
        case DueAgain(at_ms):
            return Standing(state=open_state, due_at_ms=at_ms, cause=outcome.cause)
        case Held(cause):
            return Standing(state=held_state, due_at_ms=outcome.ended_at_ms, cause=cause)
        case Dead(cause):
            return Standing(state=DeliveryState.DEAD, due_at_ms=outcome.ended_at_ms, cause=cause)
        case _:
            assert_never(verdict)
