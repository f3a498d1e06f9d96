"""What an owner looks for among the messages, as it stands in the page's address."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from relay.domain.delivery import DeliveryState
from relay.store.messages import MessageFilter, Place

STATES = (*DeliveryState, "not_sent")
_PLACE = re.compile(r"(-?\d{1,18})_(-?\d{1,18})_([0-9a-f]{0,64})_([a-z-]{0,20})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFilter:
    """What was asked for, as it was typed and as it is meant; `errors` are fields that make no sense."""

    text: str
    state: str
    downlink: str
    first_day: str
    last_day: str
    meant: MessageFilter
    errors: frozenset[str]

    @property
    def is_set(self) -> bool:
        """Whether anything was asked for."""
        return bool(self.text or self.state or self.downlink or self.first_day or self.last_day)

    @property
    def query(self) -> dict[str, str]:
        """The same for an address."""
        return {
            "text": self.text,
            "state": self.state,
            "downlink": self.downlink,
            "from": self.first_day,
            "to": self.last_day,
        }


def read_filter(query: Mapping[str, str], zone: ZoneInfo) -> AskedFilter:
    """Read the filter; what makes no sense is told, and does not filter."""
    text = "".join(query.get("text", "").split()).lower().removeprefix("0x")[:24]
    state = query.get("state", "")
    first_day, last_day = query.get("from", "")[:10], query.get("to", "")[:10]
    since, until = _day(first_day, zone), _day(last_day, zone, days_later=1)
    is_hex = bool(re.fullmatch("[0-9a-f]*", text))
    wrong = {
        "text": not is_hex,
        "from": bool(first_day) and since is None,
        "to": bool(last_day) and until is None,
    }
    known_state = state if state in STATES else ""
    downlink = "1" if query.get("downlink") == "1" else ""
    meant = MessageFilter(
        text=text if is_hex else "", state=known_state, downlink=bool(downlink), since=since or 0
    )
    return AskedFilter(
        text=text,
        state=known_state,
        downlink=downlink,
        first_day=first_day,
        last_day=last_day,
        meant=meant if until is None else replace(meant, until=until),
        errors=frozenset(name for name, is_wrong in wrong.items() if is_wrong),
    )


def write_place(place: Place) -> str:
    """A place in the order of messages for an address."""
    return f"{place.time}_{place.seq_number}_{place.data}_{place.kind}"


def read_place(text: str) -> Place | None:
    """What `write_place` wrote; None for anything else."""
    match = _PLACE.fullmatch(text)
    if match is None:
        return None
    return Place(time=int(match[1]), seq_number=int(match[2]), data=match[3], kind=match[4])


def _day(text: str, zone: ZoneInfo, days_later: int = 0) -> int | None:
    """When a day begins, in Unix seconds."""
    try:
        day = date.fromisoformat(text) + timedelta(days=days_later)
        return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp())
    except (ValueError, OverflowError):
        return None
