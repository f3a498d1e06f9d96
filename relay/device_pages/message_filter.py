"""What an owner looks for among the messages and deliveries, as it stands in the page's address."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from relay.decoder import field_names, parse_search, read_values
from relay.device_pages.list_range import ListRange, Preset, read_list_range
from relay.device_pages.owned import Owned
from relay.domain.delivery import Cause, DeliveryState
from relay.domain.device_settings import DeviceSettings
from relay.errors import SearchRefused, Sentence, sentence
from relay.store.message_filter import NOT_SENT, MessageFilter, Place, StatusRange

STATES = (*DeliveryState, NOT_SENT)
_FIELDS = ("text", "value", "state", "cause", "status", "downlink")
_LONGEST = 200
_PLACE = re.compile(r"(-?\d{1,18})_(-?\d{1,18})_([0-9a-f]{0,64})_([a-z-]{0,20})", re.ASCII)
_STATUS = re.compile(r"([1-5])(?:xx|[0-9]{2})", re.ASCII)
NO_SUCH_CHOICE = sentence("There is no such choice. Choose one of the list.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFilter:
    """What was asked for, as it was typed and as it is meant; `errors` are fields that make no sense."""

    given: Mapping[str, str]
    range: ListRange
    meant: MessageFilter
    errors: Mapping[str, str]

    @property
    def is_set(self) -> bool:
        """Whether anything was asked for."""
        return any(self.given.values()) or self.range.preset is not Preset.ALL or bool(self.errors)

    @property
    def query(self) -> dict[str, str]:
        """The same for an address."""
        return {**self.given, **self.range.query}


def read_filter(query: Mapping[str, str], owned: Owned, settings: DeviceSettings) -> AskedFilter:
    """Read the filter; what makes no sense is told, and then nothing is looked for.

    Decoded values are looked for by the present decoder, of old messages too.
    """
    given = {name: query.get(name, "").strip()[:_LONGEST] for name in _FIELDS}
    listed = read_list_range(query, owned.show.zone, owned.now_ms // 1000)
    errors = {**listed.errors, **_wrong_places(query)}
    text = _hex(given["text"])
    if text is None:
        errors["text"] = sentence("Only digits 0-9 and letters a-f")
    statuses = _statuses(given["status"])
    if given["status"] and statuses is None:
        errors["status"] = sentence("Write a status such as 404, or 5xx for all from 500 to 599.")
    for name, known in (("state", {*STATES}), ("cause", {*Cause}), ("downlink", {"1"})):
        if given[name] and given[name] not in known:
            errors[name] = NO_SUCH_CHOICE
    says = None
    try:
        says = _says(given["value"], settings)
    except SearchRefused as refused:
        errors["value"] = refused.sentence
    meant = MessageFilter(
        text=text or "",
        state=given["state"],
        cause=Cause(given["cause"]) if given["cause"] in {*Cause} else None,
        statuses=statuses,
        downlink=bool(given["downlink"]),
        says=says,
        since=listed.since,
        until=listed.until,
    )
    return AskedFilter(
        given=given,
        range=listed,
        meant=meant,
        errors={name: owned.translate(each) for name, each in errors.items()},
    )


def _says(typed: str, settings: DeviceSettings) -> Callable[[str], bool] | None:
    if not typed:
        return None
    search = parse_search(typed, field_names(settings))
    return lambda data: search.fits(read_values(settings, data))


def _hex(typed: str) -> str | None:
    """A part of a payload; None when it cannot be one."""
    text = "".join(typed.split()).lower().removeprefix("0x")
    return text if re.fullmatch("[0-9a-f]*", text) else None


def _statuses(typed: str) -> StatusRange | None:
    found = _STATUS.fullmatch(typed.lower())
    if found is None:
        return None
    if found[0].endswith("xx"):
        return StatusRange(first=100 * int(found[1]), last=100 * int(found[1]) + 99)
    return StatusRange(first=int(found[0]), last=int(found[0]))


def write_place(place: Place) -> str:
    """A place in the order of messages for an address."""
    return f"{place.time}_{place.seq_number}_{place.data}_{place.kind}"


def _wrong_places(query: Mapping[str, str]) -> Mapping[str, Sentence]:
    """What is wrong with the place in the list, if there is one."""
    texts = [query[name] for name in ("before", "after") if query.get(name)]
    if all(map(read_place, texts)):
        return {}
    return {"list": sentence("The address leads to no place in this list. Begin with the newest.")}


def read_place(text: str) -> Place | None:
    """What `write_place` wrote; None for anything else."""
    match = _PLACE.fullmatch(text)
    if match is None:
        return None
    return Place(time=int(match[1]), seq_number=int(match[2]), data=match[3], kind=match[4])
