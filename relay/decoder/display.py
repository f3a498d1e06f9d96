"""What a payload shows by a device's settings: fields with their bytes and units, and a place."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from relay.decoder.grammar import Grammar, parse_grammar
from relay.decoder.read import Value, printable
from relay.domain.device_settings import DeviceSettings
from relay.domain.device_type import Display
from relay.errors import GrammarError

LATITUDE_FIELD = "lat"
LONGITUDE_FIELD = "lng"
TEXT_FIELD = "text"

Position = tuple[float, float]


class Fault(enum.StrEnum):
    """Why something is missing from what is shown; `relay.web.reading_sentences` says it in words."""

    NONE = ""
    NOT_HEX = "not_hex"
    WRONG_GRAMMAR = "wrong_grammar"
    TOO_SHORT = "too_short"
    NO_PLACE = "no_place"
    NOT_ON_EARTH = "not_on_earth"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadField:
    """One value, and the bytes from which it was read; both ends count from 0 and belong to it."""

    name: str
    value: Value
    unit: str
    first_byte: int
    last_byte: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one payload says; `place` is latitude and longitude in degrees."""

    fields: tuple[ReadField, ...] = ()
    place: Position | None = None
    fault: Fault = Fault.NONE

    @property
    def values(self) -> dict[str, Value]:
        """By name; of several fields with one name the last wins."""
        return {field.name: field.value for field in self.fields}


def read_payload(settings: DeviceSettings, data: str) -> Reading:
    """Read a payload (hex digits) as the settings say; never an exception, whatever either holds."""
    try:
        payload = bytes.fromhex(data)
    except ValueError:
        return Reading(fault=Fault.NOT_HEX)
    match settings.display:
        case Display.NONE:
            return Reading()
        case Display.STRING:
            return Reading(fields=_whole_text(payload))
        case Display.CUSTOM | Display.GEOLOCATION:
            return _by_grammar(settings, payload)
        case _:
            assert_never(settings.display)


def read_values(settings: DeviceSettings, data: str) -> Mapping[str, Value]:
    """The values alone, of which a search needs many: `read_payload(...).values` in half the time."""
    if settings.display not in (Display.CUSTOM, Display.GEOLOCATION):
        return read_payload(settings, data).values
    try:
        return parse_grammar(settings.grammar).decode(bytes.fromhex(data))
    except (ValueError, GrammarError):
        return {}


def field_names(settings: DeviceSettings) -> Sequence[str]:
    """The fields that payloads may have, each once, in their order."""
    match settings.display:
        case Display.NONE:
            return ()
        case Display.STRING:
            return (TEXT_FIELD,)
        case Display.CUSTOM | Display.GEOLOCATION:
            return _names_in(settings.grammar)
        case _:
            assert_never(settings.display)


def _names_in(grammar: str) -> Sequence[str]:
    try:
        return tuple(dict.fromkeys(field.name for field in parse_grammar(grammar).fields))
    except GrammarError:
        return ()


def _whole_text(payload: bytes) -> tuple[ReadField, ...]:
    if not payload:
        return ()
    text = printable(payload.rstrip(b"\0").decode("utf-8", errors="replace"))
    return (ReadField(name=TEXT_FIELD, value=text, unit="", first_byte=0, last_byte=len(payload) - 1),)


def _by_grammar(settings: DeviceSettings, payload: bytes) -> Reading:
    try:
        grammar = parse_grammar(settings.grammar)
    except GrammarError:
        return Reading(fault=Fault.WRONG_GRAMMAR)
    if not payload:  # legal, and often sent as a sign of life
        return Reading()
    fields = _fields(grammar, payload)
    place, fault = _place(settings, {field.name: field.value for field in fields})
    if not grammar.fits(payload):
        fault = Fault.TOO_SHORT
    return Reading(fields=fields, place=place, fault=fault)


def _fields(grammar: Grammar, payload: bytes) -> tuple[ReadField, ...]:
    return tuple(
        ReadField(
            name=found.field.name,
            value=found.value,
            unit=found.field.refinement.unit,
            first_byte=found.field.first_byte,
            last_byte=min(found.field.last_byte, len(payload) - 1),
        )
        for found in grammar.read(payload)
    )


def _place(settings: DeviceSettings, values: dict[str, Value]) -> tuple[Position | None, Fault]:
    """A custom display may hold a place; a geolocation ought to."""
    latitude = values.get(settings.latitude_field or LATITUDE_FIELD)
    longitude = values.get(settings.longitude_field or LONGITUDE_FIELD)
    wanted = settings.display is Display.GEOLOCATION
    if not (_is_number(latitude) and _is_number(longitude)):
        return None, Fault.NO_PLACE if wanted else Fault.NONE
    place = float(latitude or 0), float(longitude or 0)
    if abs(place[0]) <= 90 and abs(place[1]) <= 180:
        return place, Fault.NONE
    return None, Fault.NOT_ON_EARTH if wanted else Fault.NONE


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
