"""The time that charts show, as it stands in the page's address. Pure."""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from relay.domain.totals import HOUR_SECONDS, hour_of
from relay.errors import Sentence, sentence

DAY_SECONDS = 24 * HOUR_SECONDS
MOST_DAYS_BY_HOUR = 7
LONGEST_DAYS = 366
NO_SUCH_RANGE = sentence("There is no such range. Choose one of these.")
NOT_A_DAY = sentence("This is not a day. Write it as 2026-11-22.")


class Span(enum.StrEnum):
    """How far back charts go, as in the address; `CUSTOM` has its days there as well."""

    DAY = "24h"
    WEEK = "7d"
    MONTH = "31d"
    YEAR = "1y"
    CUSTOM = "custom"


_DAYS: Mapping[Span, int] = {Span.WEEK: 7, Span.MONTH: 31, Span.YEAR: 365}


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedRange:
    """What was asked for and what it means: Unix seconds, `until` excluded.

    `errors` are what makes no sense; `is_cut` says that more days were asked for than charts show.
    """

    span: Span
    first_day: str
    last_day: str
    since: int
    until: int
    by_hour: bool
    errors: Mapping[str, Sentence] = field(default_factory=dict)
    is_cut: bool = False

    @property
    def query(self) -> dict[str, str]:
        """The same for an address."""
        if self.span is Span.CUSTOM:
            return {"from": self.first_day, "to": self.last_day}
        return {"range": self.span}

    @property
    def step_seconds(self) -> int:
        """How long one bar is."""
        return HOUR_SECONDS if self.by_hour else DAY_SECONDS

    def steps(self, zone: ZoneInfo) -> list[int]:
        """When each hour or each day of the reader begins."""
        if self.by_hour:
            return list(range(hour_of(self.since), self.until, HOUR_SECONDS))
        return list(_midnights(self.since, self.until, zone))


def read_range(query: Mapping[str, str], zone: ZoneInfo, now: int) -> AskedRange:
    """Read the range, a week when none is asked for; what makes no sense is told."""
    first_day, last_day = query.get("from", ""), query.get("to", "")
    if first_day or last_day:
        return _custom(first_day, last_day, zone, now)
    asked = query.get("range", "") or Span.WEEK
    if asked not in {Span.DAY, *_DAYS}:
        return replace(_span(Span.WEEK, zone, now), errors={"range": NO_SUCH_RANGE})
    return _span(Span(asked), zone, now)


def wrong_days(first_day: str, last_day: str) -> dict[str, Sentence]:
    """What is wrong with days that were typed, by their fields; one that is empty is left open."""
    return {
        name: NOT_A_DAY
        for name, text in (("from", first_day), ("to", last_day))
        if text and read_day(text) is None
    }


def _span(span: Span, zone: ZoneInfo, now: int) -> AskedRange:
    today = datetime.fromtimestamp(now, zone).date()
    begins = midnight(today - timedelta(days=_DAYS.get(span, 1) - 1), zone)
    return AskedRange(
        span=span,
        first_day="",
        last_day="",
        since=hour_of(now) - 23 * HOUR_SECONDS if span is Span.DAY else begins,
        until=now + 1,
        by_hour=span in {Span.DAY, Span.WEEK},
    )


def _custom(first_day: str, last_day: str, zone: ZoneInfo, now: int) -> AskedRange:
    """One day that is missing is the other one; the wrong way round they are turned."""
    first, last = read_day(first_day or last_day), read_day(last_day or first_day)
    if first is None or last is None:
        week = _span(Span.WEEK, zone, now)
        return replace(week, first_day=first_day, last_day=last_day, errors=wrong_days(first_day, last_day))
    first, last = min(first, last), max(first, last)
    kept = max(first, last - timedelta(days=LONGEST_DAYS - 1))
    return AskedRange(
        span=Span.CUSTOM,
        first_day=kept.isoformat(),
        last_day=last.isoformat(),
        since=midnight(kept, zone),
        until=midnight(last + timedelta(days=1), zone),
        by_hour=(last - kept).days < MOST_DAYS_BY_HOUR,
        is_cut=kept > first,
    )


def read_day(text: str) -> date | None:
    """A day that a calendar knows in every zone, some thousand years around."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1970 < day.year < 3000 else None


def midnight(day: date, zone: ZoneInfo) -> int:
    """When a day begins."""
    return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())


def _midnights(since: int, until: int, zone: ZoneInfo) -> Iterator[int]:
    day = datetime.fromtimestamp(since, zone).date()
    while (at := midnight(day, zone)) < until:
        yield at
        day += timedelta(days=1)
