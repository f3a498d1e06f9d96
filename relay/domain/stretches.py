"""Times in which a zone's clocks are not changed. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

_HOUR = 3600
_DAY = 24 * _HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From `since` to before `until` (Unix seconds) a zone is `offset_seconds` ahead of UTC."""

    since: int
    until: int
    offset_seconds: int


def stretches(zone: ZoneInfo, since: int, until: int) -> Iterator[Stretch]:
    """The parts of a time, one for each offset; clocks change at full quarters of an hour."""
    begins, offset = since, _offset(zone, since)
    for day in range(since, until, _DAY):
        later = _offset(zone, min(day + _DAY, until))
        if later != offset:
            change = _change(zone, day, later)
            yield Stretch(since=begins, until=change, offset_seconds=offset)
            begins, offset = change, later
    if begins < until:
        yield Stretch(since=begins, until=until, offset_seconds=offset)


def _change(zone: ZoneInfo, day: int, later: int) -> int:
    quarter = _HOUR // 4
    start = day - day % quarter
    moments = range(start, start + _DAY + 2 * quarter, quarter)
    return next(at for at in moments if at > day and _offset(zone, at) == later)


def _offset(zone: ZoneInfo, at: int) -> int:
    ahead = datetime.fromtimestamp(at, zone).utcoffset()
    return round(ahead.total_seconds()) if ahead else 0
