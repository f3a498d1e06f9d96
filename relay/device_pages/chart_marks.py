"""Which moments are written under a chart: round ones where the reader lives, and not too many. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from relay.device_pages.chart_range import DAY_SECONDS, AskedRange, midnight
from relay.domain.totals import HOUR_SECONDS, hour_of
from relay.web.chart import Mark
from relay.web.showing import Precision, Showing

MOST_MARKS = 6
_TWO_DAYS = 2
_DAYS_WITH_MONTHS = 92
_EDGE = 0.97
"""A mark behind this part of the chart would stand over its end."""


def marks_of(asked: AskedRange, show: Showing) -> list[Mark]:
    """Hours of a day, days, or months."""
    days = (asked.until - asked.since) / DAY_SECONDS
    precision, moments = _moments(asked, show.zone, days)
    last = asked.since + _EDGE * (asked.until - asked.since)
    return [
        Mark(at=at, text=show.plain_time(at * 1000, precision)) for at in moments if asked.since <= at <= last
    ]


def _moments(asked: AskedRange, zone: ZoneInfo, days: float) -> tuple[Precision, Sequence[int]]:
    if days <= _TWO_DAYS:
        return "clock", [*_hours(asked, zone, 6 if days <= 1.1 else 12)]
    midnights = [*_midnights(asked, zone)]
    if days <= _DAYS_WITH_MONTHS:
        return "date", _thinned(midnights)
    return "month", _thinned([at for at in midnights if datetime.fromtimestamp(at, zone).day == 1])


def _hours(asked: AskedRange, zone: ZoneInfo, every: int) -> Iterator[int]:
    for at in range(hour_of(asked.since), asked.until, HOUR_SECONDS):
        if datetime.fromtimestamp(at, zone).hour % every == 0:
            yield at


def _midnights(asked: AskedRange, zone: ZoneInfo) -> Iterator[int]:
    first = midnight(datetime.fromtimestamp(asked.since, zone).date(), zone)
    for noon in range(first + DAY_SECONDS // 2, asked.until + DAY_SECONDS // 2, DAY_SECONDS):
        yield midnight(datetime.fromtimestamp(noon, zone).date(), zone)


def _thinned(moments: Sequence[int]) -> Sequence[int]:
    return moments[:: max(1, -(-len(moments) // MOST_MARKS))]
