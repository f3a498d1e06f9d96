"""Counting wrong tries, so that the count outlives the process."""

from collections.abc import Sequence
from dataclasses import dataclass

from relay.domain.tries import LIMITS, Count, is_listened_to
from relay.store.driver import Do, Row, Steps
from relay.store.sessions import forget_sessions

MOST_SWEPT = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Whether a try is judged. `before` are its counters as they were before it, in the order of `LIMITS`."""

    admitted: bool
    counters: tuple[str, ...]
    before: tuple[Count, ...]

    @property
    def total(self) -> int:
        """All tries that went wrong in this minute."""
        return self.before[-1].tries


def admit_try(counters: Sequence[str], now_ms: int) -> Steps[Admission]:
    """Count a try as wrong before it is judged, so that many at once are no more than as many in a row.

    What is over the limit is refused without writing anything: a flood must not keep the disk busy.
    """
    found = yield Do("read_wrong_tries", [{"counter": counter} for counter in counters])
    standing = {row["counter"]: _count(row, now_ms) for row in found}
    before = tuple(standing.get(counter, _nothing(now_ms)) for counter in counters)
    if not is_listened_to(before):
        return Admission(admitted=False, counters=tuple(counters), before=before)
    return (yield from _count_try(counters, now_ms))


def _count_try(counters: Sequence[str], now_ms: int) -> Steps[Admission]:
    """Another node may have counted since the counters were read: what is decided by is the answer."""
    rows = yield Do(
        "count_wrong_try",
        [
            {"counter": counter, "now_ms": now_ms, "ends_at_ms": now_ms + limit.window_seconds * 1000}
            for counter, limit in zip(counters, LIMITS, strict=True)
        ],
    )
    before = tuple(Count(tries=row["tries"] - 1, ends_at_ms=row["ends_at_ms"]) for row in rows)
    admission = Admission(admitted=is_listened_to(before), counters=tuple(counters), before=before)
    if not admission.admitted:
        yield from forget_try(admission)
    elif admission.total == 0:
        yield from sweep(now_ms)
    return admission


def forget_try(admission: Admission) -> Steps[None]:
    """Take back one count of each counter, while its window lasts: the try was right. Others' counts stay."""
    yield Do(
        "forget_wrong_try",
        [
            {"counter": counter, "ends_at_ms": count.ends_at_ms}
            for counter, count in zip(admission.counters, admission.before, strict=True)
        ],
    )


def forget_ended(now_ms: int) -> Steps[None]:
    """What is let go from time to time: ended windows and sessions, and secrets that endpoints had before."""
    yield from sweep(now_ms)
    yield from forget_sessions(now_ms)
    yield Do("forget_previous_secrets", [{"now_ms": now_ms}])


def sweep(now_ms: int) -> Steps[None]:
    """Remove windows that have ended; some at a time."""
    yield Do("sweep_wrong_tries", [{"now_ms": now_ms, "limit": MOST_SWEPT}])


def _count(row: Row, now_ms: int) -> Count:
    if row["ends_at_ms"] <= now_ms:
        return _nothing(now_ms)
    return Count(tries=row["tries"], ends_at_ms=row["ends_at_ms"])


def _nothing(now_ms: int) -> Count:
    return Count(tries=0, ends_at_ms=now_ms)
