"""The schedule of tries, as a table that people read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_UNITS_MS = (("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1))
_NON_BREAKING = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTry:
    """One try of a message: the wait before it, and the sum of all waits until then."""

    number: int
    wait_seconds: float
    sum_seconds: float


def planned_tries(schedule_seconds: Sequence[float]) -> Iterator[PlannedTry]:
    """The tries of a message that nobody takes."""
    total = 0.0
    for number, wait in enumerate(schedule_seconds, start=1):
        total += wait
        yield PlannedTry(number=number, wait_seconds=wait, sum_seconds=total)


def in_hours(seconds: float) -> str:
    """`75 h 35 min 35 s`: hours and what is smaller, in signs that all languages here share."""
    rest, parts = round(seconds * 1000), []
    for sign, size in _UNITS_MS:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{_NON_BREAKING}{sign}")
    return " ".join(parts) or f"0{_NON_BREAKING}s"
