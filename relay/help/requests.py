"""Requests to show, made by the code that makes the real ones."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from relay.domain.device_state import Place
from relay.domain.endpoint_options import EndpointOptions, Format, Method
from relay.domain.facts import Facts, Reading
from relay.domain.rendering import Rendered, render
from relay.domain.sample import (
    SAMPLE_DATA,
    SAMPLE_ID,
    SAMPLE_RSSI,
    SAMPLE_SEQ_NUMBER,
    SAMPLE_SNR,
    SAMPLE_STATION,
)
from relay.domain.signing import sign
from relay.domain.uplink import Kind
from relay.domain.variables import VARIABLES
from relay.domain.webhook import webhook_headers
from relay.web.catalogue import phrase

DEVICE = "21DF4E"
SECRET = "whsec_" + "c2FtcGxl" * 5 + "c2E="
TEMPLATE_URL = "https://example.com/cb.php?id={device}&data={data}&rssi={rssi}"
TEMPLATE_BODY = '{"device": "{device}", "t": {customData#temperature}, "seq": {seqNumber}}'

DESCRIBED: Mapping[str, str] = {
    "device": phrase("the device ID"),
    "time": phrase("Unix time at which the network received it"),
    "data": phrase("what the device sent, in hex"),
    "snr": phrase("signal-to-noise ratio in dB"),
    "rssi": phrase("signal strength in dBm"),
    "seqNumber": phrase("the device's own counter of messages"),
    "station": phrase("the base station that told us"),
    "ack": phrase("true when the device waits for a downlink"),
    "receivedAt": phrase("when the relay took it (ISO 8601)"),
    "deviceName": phrase("the name you gave the device"),
    "deviceType": phrase("the device type"),
    "lat": phrase("latitude"),
    "lng": phrase("longitude"),
    "lqi": phrase("link quality as Sigfox judges it"),
    "temp": phrase("temperature in °C, from the status of the device"),
    "batt": phrase("battery voltage, from the status of the device"),
}
"""The variables that most readers look for; the others are listed by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """One message as each format sends it."""

    classic: str
    headers: str
    full: str
    notice: str
    template_url: str
    template_body: str


def sample_requests(now: int) -> Requests:
    """What a server would get for the same message now; `now` is Unix seconds."""
    facts = _facts(now)
    classic = _rendered(Format.CLASSIC, facts)
    signature = sign(SECRET, SAMPLE_ID, now, classic.body)
    headers = webhook_headers(SAMPLE_ID, now, signature)
    template = render(
        EndpointOptions(format=Format.TEMPLATE, method=Method.POST, body_template=TEMPLATE_BODY),
        TEMPLATE_URL,
        facts,
    )
    return Requests(
        classic=classic.body.decode(),
        headers="\n".join(f"{name}: {value}" for name, value in headers.items()),
        full=_indented(_rendered(Format.FULL, facts)),
        notice=_rendered(Format.CLASSIC, _status(now)).body.decode(),
        template_url=template.url,
        template_body=template.body.decode(),
    )


def other_variables() -> Sequence[str]:
    """Those that are only named."""
    return [name for name in VARIABLES if name not in DESCRIBED]


def _rendered(format_: Format, facts: Facts) -> Rendered:
    return render(EndpointOptions(format=format_), "https://example.com/endpoint", facts)


def _indented(rendered: Rendered) -> str:
    return json.dumps(json.loads(rendered.body), indent=2, ensure_ascii=False)


def _facts(now: int) -> Facts:
    return Facts(
        device=DEVICE,
        time=now,
        received_at_ms=now * 1000 + 350,
        data=SAMPLE_DATA,
        snr=SAMPLE_SNR,
        rssi=SAMPLE_RSSI,
        seq_number=SAMPLE_SEQ_NUMBER,
        station=SAMPLE_STATION,
        device_name="Cellar",
        decoded={"temperature": Reading(value=21.5, units="°C")},
        place=Place(latitude=50.1, longitude=14.4, source="computed", time=now, radius=800),
        radio={"lqi": "GOOD", "operatorName": "SIGFOX_Czech", "countryCode": 203},
    )


def _status(now: int) -> Facts:
    return Facts(
        device=DEVICE,
        time=now,
        received_at_ms=now * 1000,
        kind=Kind.STATUS,
        seq_number=SAMPLE_SEQ_NUMBER + 1,
        more={"batt": 3.4, "temp": 20.0},
    )
