"""Round numbers for the axes of charts, and where a line must not be drawn through. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

GAP = 3.0
"""How many times the usual pause between two values is a gap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """An axis from `low` to `high`, with `ticks` at round numbers."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def part(self, value: float) -> float:
        """How far up a value stands: 0 at the low end, 1 at the high one."""
        return (value - self.low) / (self.high - self.low)


def scale_of(low: float, high: float, *, most_ticks: int = 5, whole: bool = False) -> Scale:
    """An axis on which all from `low` to `high` has room; `whole` has no ticks between whole numbers."""
    if low == high:
        low, high = (0.0, low) if whole and low > 0 else _around(low)
    step = _round_step((high - low) / (most_ticks - 1))
    if whole:
        step = max(1.0, step)
    first, last = math.floor(low / step), math.ceil(high / step)
    ticks = tuple(round(each * step, 12) for each in range(first, last + 1))
    return Scale(low=ticks[0], high=ticks[-1], ticks=ticks)


def runs(times: Sequence[float]) -> list[range]:
    """The indices of values between which a line may be drawn: it ends where values were missing for long."""
    pauses = [later - earlier for earlier, later in pairwise(times)]
    longest = GAP * median(pauses) if pauses else 0.0
    ends = [index + 1 for index, pause in enumerate(pauses) if pause > longest]
    edges = [0, *ends, len(times)]
    return [range(start, end) for start, end in pairwise(edges) if start < end]


def _around(value: float) -> tuple[float, float]:
    room = max(1.0, abs(value) / 10)
    return value - room, value + room


def _round_step(least: float) -> float:
    """The least of 1, 2, 5, 10, … times a power of ten that is not below."""
    power: float = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
