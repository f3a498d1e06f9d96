"""The time of which lists show messages, as it stands in the page's address. Pure."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from relay.device_pages.chart_range import DAY_SECONDS, NO_SUCH_RANGE, midnight, read_day, wrong_days
from relay.domain.totals import HOUR_SECONDS
from relay.errors import Sentence
from relay.store.message_filter import LAST_SECOND


class Preset(enum.StrEnum):
    """How far back a list goes, as in the address."""

    ALL = ""
    HOUR = "1h"
    DAY = "24h"
    WEEK = "7d"
    MONTH = "30d"


_DAYS: Mapping[Preset, int] = {Preset.WEEK: 7, Preset.MONTH: 30}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListRange:
    """What was asked for and what it means: Unix seconds, `until` excluded; `preset` is None for own days."""

    preset: Preset | None = Preset.ALL
    first_day: str = ""
    last_day: str = ""
    since: int = 0
    until: int = LAST_SECOND
    errors: Mapping[str, Sentence]

    @property
    def query(self) -> dict[str, str]:
        """The same for an address."""
        return {"range": self.preset or "", "from": self.first_day, "to": self.last_day}


def read_list_range(query: Mapping[str, str], zone: ZoneInfo, now: int) -> ListRange:
    """Read the range; own days win over a preset."""
    first_day, last_day = query.get("from", ""), query.get("to", "")
    if first_day or last_day:
        return _own_days(first_day, last_day, zone)
    asked = query.get("range", "").replace("all", "")
    if asked not in set(Preset):
        return ListRange(errors={"range": NO_SUCH_RANGE})
    return ListRange(preset=Preset(asked), since=_since(Preset(asked), zone, now), errors={})


def _since(preset: Preset, zone: ZoneInfo, now: int) -> int:
    """An hour and a day end now; of several days the first one is whole where the reader lives."""
    match preset:
        case Preset.ALL:
            return 0
        case Preset.HOUR:
            return now - HOUR_SECONDS
        case Preset.DAY:
            return now - DAY_SECONDS
        case Preset.WEEK | Preset.MONTH:
            today = datetime.fromtimestamp(now, zone).date()
            return midnight(today - timedelta(days=_DAYS[preset] - 1), zone)


def _own_days(first_day: str, last_day: str, zone: ZoneInfo) -> ListRange:
    """Both days belong to it; a side without a day is open."""
    first, last = read_day(first_day), read_day(last_day)
    if first and last and first > last:
        first, last = last, first
    return ListRange(
        preset=None,
        first_day=first_day,
        last_day=last_day,
        since=midnight(first, zone) if first else 0,
        until=midnight(last + timedelta(days=1), zone) if last else LAST_SECOND,
        errors=wrong_days(first_day, last_day),
    )
