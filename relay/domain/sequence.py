"""What sequence numbers tell of messages that never came. Pure.

Source: support.sigfox.com/docs/sequence-number:-general-knowledge (12 bits, 0 after 4095; others by device).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

SETTLED_AFTER_MS = 10 * 60 * 1000
"""Sigfox repeats a callback for 7 minutes: until then what is missing may just be late."""
LATE_NUMBERS = 32
"""A callback without a time may be so many numbers late before it means that the device began anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Numbers from `first` on that are missing; `time` is that of the message which showed it."""

    first: int
    missing: int
    time: int
    seen_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """The last number of a device, its time (Unix seconds), and what is missing since a short while."""

    last: int | None = None
    time: int = 0
    gaps: tuple[Gap, ...] = ()


NOTHING_SEEN = Sequence()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A number that came; without `time_given` the time is that of the receipt."""

    number: int
    time: int
    at_ms: int
    time_given: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where a number leads; `missed` belongs to `time`, and is -1 when one that was missed came late."""

    sequence: Sequence
    missed: int = 0
    time: int = 0
    out_of_sequence: bool = False


def follow(sequence: Sequence, seen: Sighting, modulo: int) -> Step:
    """Go on with a number; repeats and late arrivals are no break, a step back in time is a new start."""
    if sequence.last is None:
        return Step(sequence=Sequence(last=seen.number, time=seen.time))
    ahead = (seen.number - sequence.last) % modulo
    if seen.time >= sequence.time and ahead <= modulo // 2:
        return _go_ahead(sequence, seen, max(ahead - 1, 0), modulo)
    back = modulo - ahead
    if seen.time > sequence.time and (seen.time_given or back > LATE_NUMBERS):
        return Step(sequence=replace(sequence, last=seen.number, time=seen.time), out_of_sequence=True)
    for gap in sequence.gaps:
        if (seen.number - gap.first) % modulo < gap.missing:
            return _find(sequence, gap, seen.number, modulo)
    return Step(sequence=sequence)


def settle(sequence: Sequence, now_ms: int) -> tuple[Sequence, list[Gap]]:
    """Give up what is missing for long; what was one gap, but for late arrivals, is one again."""
    over = [gap for gap in sequence.gaps if gap.seen_at_ms <= now_ms - SETTLED_AFTER_MS]
    if not over:
        return sequence, []
    left = tuple(gap for gap in sequence.gaps if gap not in over)
    joined: dict[tuple[int, int], Gap] = {}
    for gap in over:
        before = joined.get((gap.time, gap.seen_at_ms))
        missing = gap.missing + (before.missing if before else 0)
        joined[gap.time, gap.seen_at_ms] = replace(before or gap, missing=missing)
    return replace(sequence, gaps=left), list(joined.values())


def _go_ahead(sequence: Sequence, seen: Sighting, missed: int, modulo: int) -> Step:
    gaps = sequence.gaps
    if missed and sequence.last is not None:
        first = (sequence.last + 1) % modulo
        gaps = (*gaps, Gap(first=first, missing=missed, time=seen.time, seen_at_ms=seen.at_ms))
    return Step(sequence=Sequence(last=seen.number, time=seen.time, gaps=gaps), missed=missed, time=seen.time)


def _find(sequence: Sequence, gap: Gap, number: int, modulo: int) -> Step:
    gaps = [
        each for one in sequence.gaps for each in (_without(one, number, modulo) if one is gap else [one])
    ]
    return Step(sequence=replace(sequence, gaps=tuple(gaps)), missed=-1, time=gap.time)


def _without(gap: Gap, number: int, modulo: int) -> Iterator[Gap]:
    before = (number - gap.first) % modulo
    after = gap.missing - before - 1
    if before:
        yield replace(gap, missing=before)
    if after:
        yield replace(gap, first=(number + 1) % modulo, missing=after)
