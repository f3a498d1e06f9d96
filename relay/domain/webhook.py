"""What every owner's server gets."""

import json

from relay import __version__

USER_AGENT = f"sigfox-relay/{__version__}"

_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


def classic_body(*, snr: float | None, device: str, rssi: float | None, time: int, data: str) -> bytes:
    """The five fields of the old service, as compact JSON in this order.

    `snr` in dB and `rssi` in dBm are numbers or null, `time` is Unix seconds, `device` upper-case hex and
    `data` lower-case hex.
    """
    fields = {"snr": snr, "device": device, "rssi": rssi, "time": time, "data": data}
    return _ENCODER.encode(fields).encode()


def asking_body(body: bytes) -> bytes:
    """The same body when a downlink is asked for: a JSON object has one key more."""
    if not (body.startswith(b"{") and body.endswith(b"}")):
        return body
    separator = b"," if body != b"{}" else b""
    return body[:-1] + separator + b'"downlinkRequested":true}'


def webhook_headers(webhook_id: str, timestamp: int, signatures: str) -> dict[str, str]:
    """The headers that come with it, as Standard Webhooks names them; `timestamp` is in Unix seconds."""
    return {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures,
    }
