"""Times, numbers and durations as people read them, in one language and one time zone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from gettext import GNUTranslations
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from markupsafe import Markup

_PATTERNS = {
    "cs": {
        "day": "d. M. yyyy",
        "minute": "d. M. yyyy H:mm",
        "second": "d. M. yyyy H:mm:ss",
        "clock": "H:mm",
        "date": "d. M.",
        "month": "M/yyyy",
    },
    "en": {
        "day": "d MMM yyyy",
        "minute": "d MMM yyyy, HH:mm",
        "second": "d MMM yyyy, HH:mm:ss",
        "clock": "HH:mm",
        "date": "d MMM",
        "month": "MMM yyyy",
    },
}
_SECOND_MS = 1000
_MINUTE_MS = 60 * _SECOND_MS
_STEPS_SECONDS = (600, 60, 1)
"""The precision of what is long ago: so what was written once can be written again."""
_REMEMBERED = 4096
"""Babel takes a tenth of a millisecond for a text, and a page has hundreds of them."""
_NON_BREAKING = "\N{NO-BREAK SPACE}"

Precision = Literal["day", "minute", "second", "clock", "date", "month"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """How one reader gets to see values. Moments are Unix milliseconds."""

    words: GNUTranslations
    language: str
    zone: ZoneInfo
    now_ms: int

    def time(self, at_ms: int, precision: Precision = "second") -> Markup:
        """A moment in the reader's zone, with UTC beside it."""
        iso = self.iso(at_ms)
        return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(
            iso, iso[:-1].replace("T", " "), self.plain_time(at_ms, precision)
        )

    def plain_time(self, at_ms: int, precision: Precision = "second") -> str:
        """The same as text alone."""
        pattern = _PATTERNS.get(self.language, _PATTERNS["en"])[precision]
        shown = dates.parse_pattern(pattern).apply(self.local(at_ms), _locale(self.language))
        return str(shown).replace(" ", _NON_BREAKING)

    def ago(self, at_ms: int) -> Markup:
        """How long ago, or how soon; a script keeps it true while the page is open."""
        return Markup('<span class="ago" data-ago="{}">{}</span>').format(at_ms, self.plain_ago(at_ms))

    def plain_ago(self, at_ms: int) -> str:
        """The same as text alone."""
        seconds = round((at_ms - self.now_ms) / _SECOND_MS)
        if not seconds:
            return self.words.gettext("now")
        step = next(step for step in _STEPS_SECONDS if step == 1 or abs(seconds) >= 120 * step)
        return _gap(round(seconds / step) * step, self.language)

    def span(self, seconds: float) -> str:
        """A length of time in its biggest fitting unit: `26 hours`."""
        return dates.format_timedelta(
            timedelta(seconds=seconds), threshold=1.7, locale=_locale(self.language)
        )

    def days(self, count: int) -> str:
        """So many days, whole and not rounded to weeks: `30 days`."""
        return dates.format_timedelta(
            timedelta(days=count), granularity="day", threshold=count + 1, locale=_locale(self.language)
        )

    def answer_time(self, duration_ms: int) -> str:
        """`85 ms`, `1.2 s`."""
        if duration_ms < _SECOND_MS:
            return f"{self.number(duration_ms)}{_NON_BREAKING}ms"
        digits = 1 if duration_ms < _MINUTE_MS else 0
        return f"{self.number(duration_ms / _SECOND_MS, digits)}{_NON_BREAKING}s"

    def number(self, value: float, digits: int = 3) -> str:
        """A number with at most so many digits behind the point."""
        text = f"{value:,.{digits}f}"
        short = text.rstrip("0").rstrip(".") if digits else text
        return "0" if short == "-0" else short.translate(_signs(self.language))

    def iso(self, at_ms: int) -> str:
        """For programs: ISO 8601 in UTC."""
        return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

    def local(self, at_ms: int) -> datetime:
        """The reader's wall clock at a moment."""
        return datetime.fromtimestamp(at_ms / 1000, self.zone)

    def start_of_day_ms(self) -> int:
        """When the reader's day began."""
        midnight = self.local(self.now_ms).replace(hour=0, minute=0, second=0, microsecond=0)
        return round(midnight.timestamp() * 1000)


@lru_cache
def _locale(language: str) -> Locale:
    return Locale.parse(language)


@lru_cache(maxsize=_REMEMBERED)
def _gap(seconds: int, language: str) -> str:
    return dates.format_timedelta(
        timedelta(seconds=seconds), add_direction=True, threshold=1.2, locale=_locale(language)
    )


@lru_cache
def _signs(language: str) -> Mapping[int, str]:
    """How a language writes the comma and the point of a number in code."""
    locale = _locale(language)
    return {ord(","): numbers.get_group_symbol(locale), ord("."): numbers.get_decimal_symbol(locale)}
