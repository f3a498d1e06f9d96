"""Where a device was, by all that tells it. Pure."""

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from relay.decoder.display import Reading, read_payload
from relay.device_pages.owned import Owned
from relay.domain.device_settings import DeviceSettings
from relay.domain.device_state import Place, make_place, number_of
from relay.domain.radio import ComputedLocation, Radio
from relay.domain.uplink import Kind
from relay.store.places import Telling
from relay.web.catalogue import phrase


class Source(enum.StrEnum):
    """Who says where the device was."""

    PAYLOAD = "payload"
    GEOLOC = "geoloc"
    COMPUTED = "computed"
    FIXED = "fixed"
    FIXED_AT_SIGFOX = "fixed-at-sigfox"


_SENTENCES: Mapping[Source, str] = {
    Source.PAYLOAD: phrase("From the payload"),
    Source.GEOLOC: phrase("Sigfox Geolocation"),
    Source.COMPUTED: phrase("Computed by Sigfox"),
    Source.FIXED: phrase("Fixed place from Settings"),
    Source.FIXED_AT_SIGFOX: phrase("Fixed place from Sigfox"),
}
# Source of the numbers: support.sigfox.com/docs/data-advanced
_METHODS: Mapping[int, str] = {
    0: phrase("base stations"),
    1: phrase("GPS"),
    2: phrase("network"),
    3: phrase("point of interest"),
    4: phrase("high precision"),
    5: phrase("private database"),
    6: phrase("WiFi"),
    7: phrase("proximity"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A place, who says it, and how Sigfox found it when that is known; `label` is what people call it."""

    place: Place
    source: Source
    method: int | None = None
    label: str = ""

    @property
    def is_fixed(self) -> bool:
        """Somebody typed it in: the device may be elsewhere."""
        return self.source in (Source.FIXED, Source.FIXED_AT_SIGFOX)


def places_of(settings: DeviceSettings, tellings: Iterable[Telling], most: int) -> list[Seen]:
    """At most so many places, the newest first, and behind them the fixed one if there is one."""
    known = list(tellings)
    told = (place for telling in known if (place := _told(settings, telling)))
    return [*islice(told, most), *islice(_fixed(settings, known), 1)]


def place_of_message(reading: Reading, radio: Radio, time: int) -> Seen | None:
    """Where a message comes from, if it tells; a payload knows it better than the network."""
    place = make_place(*reading.place, Source.PAYLOAD, time) if reading.place else None
    if place is not None:
        return Seen(place=place, source=Source.PAYLOAD)
    return _of_computed(time, radio.computed_location)


def source_sentence(owned: Owned, seen: Seen) -> str:
    """Who says where the device was: `Computed by Sigfox (WiFi)`."""
    said = owned.say(_SENTENCES[seen.source])
    method = _METHODS.get(seen.method) if seen.method is not None else None
    return f"{said} ({owned.say(method)})" if method else said


def _told(settings: DeviceSettings, telling: Telling) -> Seen | None:
    if telling.kind is Kind.GEOLOC:
        return _of_geoloc(telling)
    return place_of_message(read_payload(settings, telling.data), telling.radio, telling.time)


def _of_geoloc(telling: Telling) -> Seen | None:
    more = telling.more
    latitude, longitude = number_of(more, "lat"), number_of(more, "lng")
    if latitude is None or longitude is None:
        return None
    place = make_place(latitude, longitude, Source.GEOLOC, telling.time, number_of(more, "radius"))
    method = number_of(more, "source")
    found = None if method is None else int(method)
    return Seen(place=place, source=Source.GEOLOC, method=found) if place else None


def _of_computed(time: int, found: ComputedLocation | None) -> Seen | None:
    place = make_place(found.lat, found.lng, Source.COMPUTED, time, found.radius) if found else None
    method = found.source if found else None
    return Seen(place=place, source=Source.COMPUTED, method=method) if place else None


def _fixed(settings: DeviceSettings, tellings: Iterable[Telling]) -> Iterator[Seen]:
    """The place typed in here, which holds at any time; else the one typed in at Sigfox."""
    if settings.position:
        latitude, longitude = settings.position
        typed = Place(latitude=latitude, longitude=longitude, source=Source.FIXED, time=0)
        yield Seen(place=typed, source=Source.FIXED, label=settings.position_label)
    for telling in tellings:
        radio = telling.radio
        if radio.fixed_lat is not None and radio.fixed_lng is not None:
            place = make_place(radio.fixed_lat, radio.fixed_lng, Source.FIXED_AT_SIGFOX, telling.time)
            if place:
                yield Seen(place=place, source=Source.FIXED_AT_SIGFOX)
