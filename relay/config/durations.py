"""Lengths of time as people write them: `500ms`, `15s`, `5m`, `2h`, `90d`."""

import re

from relay.config.quote import quote

_UNIT_MS = {"d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1}
_DURATION = re.compile(r"([0-9]{1,15})(ms|s|m|h|d)")
FORM = "a whole number and its unit, such as 500ms, 15s, 5m, 2h or 5d"


def parse_duration(text: str) -> float:
    """Read a duration; the result is in seconds.

    Raises:
        ValueError: The text is anything but a whole number with one of the units ms, s, m, h, d.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{quote(text)} is not a duration: write {FORM}")
    return int(match[1]) * _UNIT_MS[match[2]] / 1000


def format_duration(seconds: float) -> str:
    """Write a duration in the largest unit that keeps it whole, so that `parse_duration` reads it back."""
    ms = round(seconds * 1000)
    unit = next(unit for unit, size in _UNIT_MS.items() if ms % size == 0) if ms else "s"
    return f"{ms // _UNIT_MS[unit]}{unit}"
