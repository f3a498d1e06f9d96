"""What follows from an attempt: delivered, due again, held, or dead."""

import math
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from relay.domain.delivery import Cause, Outcome

HOUR_SECONDS = 3600.0
SLOW_DOWN_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 29 * HOUR_SECONDS
JITTER = 0.15

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
    """All tries are spent; it waits for a success at its endpoint, or for a person."""

    cause: Cause


@dataclass(frozen=True, slots=True)
class Dead:
    """Given up; kept and listed, and a replay makes it due."""

    cause: Cause


Verdict = Delivered | DueAgain | Held | Dead


def judge(tries: int, outcome: Outcome, policy: RetryPolicy, now: float, spread: float) -> Verdict:
    """Decide after try number `tries` (from 1), at Unix time `now` in seconds.

    `spread` in [0, 1) is the chance that spreads retries by +-15 %.
    """
    if outcome.cause is None:
        return Delivered()
    if tries >= len(policy.schedule_seconds):
        return Held(outcome.cause)
    wait = _wait_seconds(policy.schedule_seconds[tries], outcome, now) * (1 + JITTER * (2 * spread - 1))
    return DueAgain(round((now + min(wait, LONGEST_WAIT_SECONDS)) * 1000))


def _wait_seconds(base: float, outcome: Outcome, now: float) -> float:
    if outcome.cause in _WAIT_LONGER:
        base = max(base, SLOW_DOWN_SECONDS)
    asked = retry_after_seconds(outcome.retry_after, now)
    return base if asked is None else min(max(asked, base), max(2 * base, HOUR_SECONDS))


def retry_after_seconds(header: str | None, now: float) -> float | None:
    """Read a `Retry-After` header, seconds or HTTP date (RFC 9110 10.2.3); None when it is of no use."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    try:
        wait = parsedate_to_datetime(text).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return None
    return wait if math.isfinite(wait) and wait > 0 else None
