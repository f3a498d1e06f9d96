"""The two objects of a DATA_ADVANCED callback: who heard the message, and where it was sent from.

A template that puts quotes around them makes them text, so that JSON in text is read too.
Source: support.sigfox.com/docs/data-advanced.
"""

from collections.abc import Mapping

from relay.backend_ingest.message_fields import Reader, read_each
from relay.backend_ingest.strict_json import read_json
from relay.backend_ingest.values import absent, integer, number, text
from relay.errors import CallbackError

_RECEPTION: Mapping[str, Reader] = {"bsId": text, "nbRep": integer, "rssi": number, "snr": number}
_PLACE: Mapping[str, Reader] = {
    "lat": number,
    "lng": number,
    "radius": number,
    "source": integer,
    "status": integer,
}


def read_duplicates(value: object) -> list[dict[str, object]] | None:
    """One entry for each station that received the message, or None when there is no such list."""
    found = _plain(value)
    if not isinstance(found, list):
        return None
    return [read_each(each, _RECEPTION) for each in found if isinstance(each, Mapping)]


def read_computed_location(value: object) -> dict[str, object] | None:
    """The device's place; None when none could be computed, which Sigfox tells by a lone `status`."""
    found = _plain(value)
    if not isinstance(found, Mapping):
        return None
    place = {**read_each(found, _PLACE), **_place_ids(found.get("placeIds"))}
    return place if {"lat", "lng"} <= place.keys() else None


def _place_ids(value: object) -> dict[str, object]:
    ids = [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
    return {"placeIds": ids} if ids else {}


def _plain(value: object) -> object:
    if not isinstance(value, str) or absent(value):
        return value
    try:
        return read_json(value)
    except CallbackError:
        return None
