"""What owners' servers get: the classic body, the full one, that of a notice, and the headers."""

import json
import math
from json.encoder import encode_basestring_ascii

from relay import __version__
from relay.domain.device_state import Place
from relay.domain.facts import Facts
from relay.domain.moments import iso_moment
from relay.domain.radio import Radio

USER_AGENT = f"sigfox-relay/{__version__}"
JSON_TYPE = "application/json"

_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def classic_body(*, snr: float | None, device: str, rssi: float | None, time: int, data: str) -> bytes:
    """The five fields of the old service, as compact JSON in this order.

    `snr` in dB and `rssi` in dBm are numbers or null, `time` is Unix seconds, `device` upper-case hex and
    `data` lower-case hex.

    Raises:
        ValueError: JSON cannot say a number.
    """
    # Written out, for it is most of the work of preparing a request.
    return (
        f'{{"snr":{_number(snr)},"device":{encode_basestring_ascii(device)},"rssi":{_number(rssi)}'
        f',"time":{time:d},"data":{encode_basestring_ascii(data)}}}'
    ).encode()


def _number(value: float | None) -> str:
    if value is None:
        return "null"
    if not math.isfinite(value):
        raise ValueError("JSON has no such number")
    return repr(value)


def asking_body(body: bytes) -> bytes:
    """The same body when a downlink is asked for: a JSON object has one key more."""
    if not (body.startswith(b"{") and body.endswith(b"}")):
        return body
    separator = b"," if body != b"{}" else b""
    return body[:-1] + separator + b'"downlinkRequested":true}'


def full_body(facts: Facts) -> bytes:
    """The five fields and all else that is known of a message; what is not known is null.

    `downlink` and `customData` are there only when there is something to say.

    Raises:
        ValueError: JSON cannot say a value.
    """
    return _ENCODER.encode(_classic_fields(facts) | _further_fields(facts)).encode()


def notice_body(facts: Facts) -> bytes:
    """What is no message: its kind, the device, the time and the kind's own fields.

    Raises:
        ValueError: JSON cannot say a value.
    """
    told: dict[str, object] = {
        "seqNumber": facts.seq_number,
        "data": facts.data or None,
        "snr": facts.snr,
        "rssi": facts.rssi,
        "station": facts.station,
    }
    fields: dict[str, object] = {"kind": facts.kind, "device": facts.device, "time": facts.time}
    fields |= {name: value for name, value in told.items() if value is not None}
    return _ENCODER.encode({**fields, **{k: v for k, v in facts.more.items() if k not in fields}}).encode()


def _classic_fields(facts: Facts) -> dict[str, object]:
    return {
        "snr": facts.snr,
        "device": facts.device,
        "rssi": Radio.of(facts.radio).best_rssi if facts.rssi is None else facts.rssi,
        "time": facts.time,
        "data": facts.data,
    }


def _further_fields(facts: Facts) -> dict[str, object]:
    fields: dict[str, object] = {
        "kind": facts.kind,
        "deviceName": facts.device_name,
        "deviceType": facts.device_type,
        "seqNumber": facts.seq_number,
        "station": facts.station,
        "lqi": facts.radio.get("lqi"),
        "ack": facts.ack,
        "avgSnr": facts.more.get("avgSnr"),
        "deviceTypeId": facts.more.get("deviceTypeId"),
        "receivedAt": iso_moment(facts.received_at_ms),
        "decoded": _decoded(facts),
        "location": _location(facts.place),
        "radio": _radio(facts),
    }
    optional = {"downlink": facts.downlink, "customData": facts.more.get("customData")}
    return fields | {name: value for name, value in optional.items() if value}


def _decoded(facts: Facts) -> object:
    if facts.decoded is None:
        return None
    return {name: {"value": reading.value, "units": reading.units} for name, reading in facts.decoded.items()}


def _location(place: Place | None) -> object:
    if place is None:
        return None
    return {"lat": place.latitude, "lng": place.longitude, "radius": place.radius, "source": place.source}


def _radio(facts: Facts) -> object:
    """None until a DATA_ADVANCED callback came."""
    if not facts.radio:
        return None
    radio = Radio.of(facts.radio)
    return {
        "operator": radio.operator_name,
        "country": radio.country_code,
        "baseStations": [one.facts() for one in radio.duplicates],
    }


def webhook_headers(
    webhook_id: str, timestamp: int, signatures: str, content_type: str | None = JSON_TYPE
) -> dict[str, str]:
    """The headers that come with it, as Standard Webhooks names them; `timestamp` is in Unix seconds."""
    headers = {
        "Content-Type": content_type or "",
        "User-Agent": USER_AGENT,
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures,
    }
    if content_type is None:  # there is no body
        del headers["Content-Type"]
    return headers
