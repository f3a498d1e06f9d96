"""The many ways in which an operator types a callback at Sigfox, as values ready to be sent."""

import enum
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlencode

from relay.domain.uplink import Kind
from relay.simulator.message import Location, Message, Reception

DEVICE_TYPE_ID = "5256c4d6c9a871b80f5a2e50"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
TEXT = "text/plain"

# As seen in requests of the real cloud.
CLOUD_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "User-Agent": "SIGFOX",
        "Accept-Language": "fr",
        "Accept-Charset": "UTF-8;q=0.9,*;q=0.7",
        "Accept-Encoding": "gzip,deflate",
    }
)

LEGACY_NAMES: Mapping[str, str] = MappingProxyType({"device": "id", "snr": "signal"})
MESSAGES_BEFORE_AVERAGE = 15

Scalar = str | int | float | bool
Fields = dict[str, Scalar]


class Style(enum.StrEnum):
    """Where the variables stand in the request, and how they are written."""

    QUERY = "query"
    JSON_STRINGS = "json-strings"
    JSON_NUMBERS = "json-numbers"
    JSON_PUT = "json-put"
    EMPTY_JSON = "empty-json"
    FORM = "form"
    FORM_AND_QUERY = "form-and-query"
    TEXT_LINES = "text-lines"
    TEXT_PAIRS = "text-pairs"


class Spelling(enum.StrEnum):
    """How a device id is written: always the same number."""

    UPPER = "upper"
    LOWER = "lower"
    PADDED = "padded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """What the operator of a device type typed.

    `radio` is false where the contract lacks the option NETWORK METADATA; `legacy` stands for the
    variable names and the extra variables of the years before 2019.
    """

    style: Style
    spelling: Spelling = Spelling.UPPER
    radio: bool = True
    legacy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRequest:
    """One request of the cloud, without address and secret. `query` is percent-encoded already."""

    kind: Kind
    device_text: str
    method: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    wants_downlink: bool = False


TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        **{style.value: Template(style=style) for style in Style},
        "no-radio": Template(style=Style.JSON_STRINGS, radio=False),
        "legacy-query": Template(style=Style.QUERY, legacy=True),
        "legacy-json": Template(style=Style.JSON_STRINGS, legacy=True),
        "legacy-form": Template(style=Style.FORM, legacy=True),
        "lower-case": Template(style=Style.JSON_STRINGS, spelling=Spelling.LOWER),
        "zero-padded": Template(style=Style.JSON_NUMBERS, spelling=Spelling.PADDED),
    }
)


def spell(device: int, spelling: Spelling) -> str:
    match spelling:
        case Spelling.UPPER:
            return f"{device:X}"
        case Spelling.LOWER:
            return f"{device:x}"
        case Spelling.PADDED:
            return f"{device:08X}"


def data_callback(message: Message, template: Template) -> CallbackRequest:
    """The UPLINK callback of a message, or the BIDIR one where `message.ack` is not None."""
    method, query, content_type, body = _lay_out(_data_fields(message, template), template.style)
    return CallbackRequest(
        kind=Kind.DATA,
        device_text=spell(message.device, template.spelling),
        method=method,
        query=query,
        headers=request_headers(content_type),
        body=body,
        wants_downlink=bool(message.ack),
    )


def data_advanced_callback(message: Message, template: Template) -> CallbackRequest:
    """The DATA_ADVANCED callback of a message: a JSON body is mandatory, `duplicates` is unquoted in it."""
    quality = _link_quality(max(reception.rssi for reception in message.receptions))
    body: dict[str, object] = {
        "device": spell(message.device, template.spelling),
        "time": str(message.time),
        "data": message.data,
        "seqNumber": str(message.seq_number),
        "deviceTypeId": DEVICE_TYPE_ID,
        "lqi": ("Limit", "Average", "Good", "Excellent")[quality],
        "linkQuality": str(quality),
        "operatorName": "SIGFOX_Simulated",
        "countryCode": "203",
        "duplicates": [_duplicate(reception) for reception in message.receptions],
        "computedLocation": _computed_location(message.location),
    }
    return json_post(Kind.DATA_ADVANCED, message, template, body)


def acknowledge_callback(message: Message, template: Template) -> CallbackRequest:
    """The ACKNOWLEDGE callback after a station emitted the downlink of a message."""
    body: dict[str, object] = {
        "device": spell(message.device, template.spelling),
        "time": str(message.time),
        "infoCode": "0",
        "infoMessage": "Acked",
        "downlinkAck": "true",
        "downlinkOverusage": "false",
    }
    return json_post(Kind.ACKNOWLEDGE, message, template, body)


def _data_fields(message: Message, template: Template) -> Fields:
    fields: Fields = {
        "device": spell(message.device, template.spelling),
        "time": message.time,
        "data": message.data,
        "seqNumber": message.seq_number,
    }
    if template.radio:
        fields |= {"rssi": message.rssi, "snr": message.snr, "station": message.station}
    if message.ack is not None:
        fields |= {"ack": message.ack, "longPolling": False}
    return _legacy(fields, message) if template.legacy else fields


def _legacy(fields: Fields, message: Message) -> Fields:
    renamed = {LEGACY_NAMES.get(name, name): value for name, value in fields.items()}
    early = message.seq_number < MESSAGES_BEFORE_AVERAGE
    average: Scalar = "N/A" if early else message.snr
    return renamed | {"avgSignal": average, "duplicate": False, "lat": 50, "lng": 15}


Layout = tuple[str, str, str | None, bytes | None]
"""Method, query, content type, body."""


def _lay_out(fields: Fields, style: Style) -> Layout:
    texts = {name: _text(value) for name, value in fields.items()}
    match style:
        case Style.QUERY:
            return "GET", urlencode(texts), None, None
        case Style.EMPTY_JSON:
            return "POST", urlencode(texts), JSON, b""
        case Style.JSON_STRINGS | Style.JSON_NUMBERS | Style.JSON_PUT:
            return _json_layout(fields, texts, style)
        case Style.FORM | Style.FORM_AND_QUERY:
            return _form_layout(texts, style)
        case Style.TEXT_LINES:
            return "POST", "", TEXT, "\n".join(f"{n} => {v}" for n, v in texts.items()).encode()
        case Style.TEXT_PAIRS:
            return "POST", "", TEXT, "; ".join(f"{n}:{v}" for n, v in texts.items()).encode()


def _json_layout(fields: Fields, texts: dict[str, str], style: Style) -> Layout:
    method = "PUT" if style is Style.JSON_PUT else "POST"
    return method, "", JSON, json.dumps(fields if style is Style.JSON_NUMBERS else texts).encode()


def _form_layout(texts: dict[str, str], style: Style) -> Layout:
    """Sigfox puts the parameters of the URL in front of a form body, so a key can come three times."""
    if style is Style.FORM:
        return "POST", "", FORM, urlencode(texts).encode()
    query = urlencode(dict(list(texts.items())[:2]))
    return "POST", query, FORM, f"{query}&{urlencode(texts)}".encode()


def _text(value: Scalar) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def request_headers(content_type: str | None) -> Mapping[str, str]:
    """The cloud's own headers, with the type of the body."""
    return CLOUD_HEADERS if content_type is None else {**CLOUD_HEADERS, "Content-Type": content_type}


def json_post(
    kind: Kind, message: Message, template: Template, body: Mapping[str, object]
) -> CallbackRequest:
    """A service callback, always as JSON."""
    return CallbackRequest(
        kind=kind,
        device_text=spell(message.device, template.spelling),
        method="POST",
        headers=request_headers(JSON),
        body=json.dumps(body).encode(),
    )


def _link_quality(best_rssi: float) -> int:
    """0 LIMIT, 1 AVERAGE, 2 GOOD, 3 EXCELLENT; the thresholds are only plausible."""
    return sum(best_rssi > threshold for threshold in (-135, -127, -114))


def _duplicate(reception: Reception) -> dict[str, object]:
    return {"bsId": reception.station, "rssi": reception.rssi, "nbRep": reception.repetitions}


def _computed_location(location: Location | None) -> dict[str, object]:
    if location is None:
        return {"status": 0}
    position = {"lat": location.latitude, "lng": location.longitude, "radius": location.radius_metres}
    return {**position, "source": 2, "status": 1}
