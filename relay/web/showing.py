"""Times, numbers and durations as people read them, in one language and one time zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from gettext import GNUTranslations
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal
from markupsafe import Markup

_PATTERNS = {
    "cs": {"day": "d. M. yyyy", "minute": "d. M. yyyy H:mm", "second": "d. M. yyyy H:mm:ss", "clock": "H:mm"},
    "en": {
        "day": "d MMM yyyy",
        "minute": "d MMM yyyy, HH:mm",
        "second": "d MMM yyyy, HH:mm:ss",
        "clock": "HH:mm",
    },
}
_PLAIN = "yyyy-MM-dd HH:mm:ss"
_SECOND_MS = 1000
_MINUTE_MS = 60 * _SECOND_MS
_NON_BREAKING = "\N{NO-BREAK SPACE}"

Precision = Literal["day", "minute", "second", "clock"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """How one reader gets to see values. Moments are Unix milliseconds."""

    words: GNUTranslations
    language: str
    zone: ZoneInfo
    now_ms: int

    def time(self, at_ms: int, precision: Precision = "second") -> Markup:
        """A moment in the reader's zone, with UTC beside it."""
        return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(
            self.iso(at_ms), self._format(at_ms, _PLAIN, UTC), self.plain_time(at_ms, precision)
        )

    def plain_time(self, at_ms: int, precision: Precision = "second") -> str:
        """The same as text alone."""
        pattern = _PATTERNS.get(self.language, _PATTERNS["en"])[precision]
        return self._format(at_ms, pattern, self.zone).replace(" ", _NON_BREAKING)

    def ago(self, at_ms: int) -> Markup:
        """How long ago, or how soon; a script keeps it true while the page is open."""
        return Markup('<span class="ago" data-ago="{}">{}</span>').format(at_ms, self.plain_ago(at_ms))

    def plain_ago(self, at_ms: int) -> str:
        """The same as text alone."""
        gap = timedelta(milliseconds=at_ms - self.now_ms)
        if abs(gap) < timedelta(seconds=1):
            return self.words.gettext("now")
        return format_timedelta(gap, add_direction=True, threshold=1.2, locale=self.language)

    def span(self, seconds: float) -> str:
        """A length of time in its biggest fitting unit: `26 hours`."""
        return format_timedelta(timedelta(seconds=seconds), threshold=1.7, locale=self.language)

    def answer_time(self, duration_ms: int) -> str:
        """`85 ms`, `1.2 s`."""
        if duration_ms < _SECOND_MS:
            return f"{self.number(duration_ms)}{_NON_BREAKING}ms"
        digits = 1 if duration_ms < _MINUTE_MS else 0
        return f"{self.number(duration_ms / _SECOND_MS, digits)}{_NON_BREAKING}s"

    def number(self, value: float, digits: int = 3) -> str:
        """A number with at most so many digits behind the point."""
        return format_decimal(round(value, digits), format=f"#,##0.{'#' * digits}", locale=self.language)

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

    def _format(self, at_ms: int, pattern: str, zone: tzinfo) -> str:
        moment = datetime.fromtimestamp(at_ms / 1000, UTC)
        return format_datetime(moment, pattern, tzinfo=zone, locale=self.language)
