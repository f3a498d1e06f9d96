"""Requests of endpoints with options; what fails there never stops a delivery."""

import json
from dataclasses import replace

import pytest
from msgspec import structs
from yarl import URL

from relay.domain.delivery import Note
from relay.domain.device import Device
from relay.domain.device_settings import DeviceSettings, effective
from relay.domain.device_type import DEFAULT_TYPE, Display
from relay.domain.endpoint import Endpoint
from relay.domain.endpoint_options import EndpointOptions, Format, Method
from relay.domain.facts import Facts
from relay.domain.signing import make_secret
from relay.domain.uplink import Kind
from relay.forwarder.formatting import formatted
from relay.forwarder.prepare import Destination, WebhookRequest
from relay.forwarder.sample import sample_delivery
from relay.store.facts import KnownMessage

ADDRESS = "https://hooks.example.com/a"
SECRET = make_secret(b"s" * 32)
DELIVERY = sample_delivery(
    Endpoint(id=7, device=0xA0, url=ADDRESS, secret=SECRET), "A0", "msg_1", 1_700_000_000
)
FACTS = Facts(device="A0", time=1_700_000_000, received_at_ms=1_700_000_000_000, data="0f09", rssi=-136.0)
CLASSIC = {"snr": None, "device": "A0", "rssi": -136.0, "time": 1_700_000_000, "data": "0f09"}


def settings(grammar: str) -> DeviceSettings:
    return effective(Device(number=0xA0, label="A0", display=Display.CUSTOM, grammar=grammar), DEFAULT_TYPE)


def request(
    options: EndpointOptions | None, url: str = ADDRESS, grammar: str = "t::uint:8", facts: Facts = FACTS
) -> WebhookRequest:
    destination = Destination(
        endpoint_id=7, revision=1, url=URL(ADDRESS), secret=SECRET, options=options, url_template=url
    )
    return formatted(
        DELIVERY, KnownMessage(facts=facts, settings=settings(grammar)), destination, 1_700_000_001
    )


def test_the_payload_is_decoded_by_the_devices_grammar() -> None:
    body = json.loads(request(EndpointOptions(format=Format.FULL)).body)
    assert body["decoded"] == {"t": {"value": 15, "units": ""}}
    made = request(EndpointOptions(format=Format.TEMPLATE, method=Method.PUT), ADDRESS + "?t={customData#t}")
    assert (made.method, str(made.url), made.note) == ("PUT", ADDRESS + "?t=15", None)


def test_a_wrong_grammar_leaves_the_classic_fields_and_a_note() -> None:
    made = request(EndpointOptions(format=Format.FULL, headers=(("X-Key", "1"),)), grammar="t::what:8")
    assert (json.loads(made.body), made.note) == (CLASSIC, Note.DECODER_FAILED)
    assert made.headers["X-Key"] == "1"


def test_a_template_that_needs_no_decoder_does_not_mind_a_wrong_grammar() -> None:
    made = request(EndpointOptions(format=Format.TEMPLATE), ADDRESS + "?d={data}", grammar="t::what:8")
    assert (str(made.url), made.note) == (ADDRESS + "?d=0f09", None)


@pytest.mark.parametrize(
    ("url", "note"),
    [
        (ADDRESS + "?{nothing}", Note.TEMPLATE_FAILED),
        (ADDRESS + "?{info}", Note.URL_REFUSED),
    ],
)
def test_a_template_that_fails_leaves_the_classic_fields_and_a_note(url: str, note: Note) -> None:
    facts = replace(FACTS, more={"info": "long" * 1000})
    made = request(EndpointOptions(format=Format.TEMPLATE, method=Method.GET), url, facts=facts)
    assert (made.method, str(made.url), json.loads(made.body)) == ("POST", ADDRESS, CLASSIC)
    assert made.note == note


def test_a_value_that_json_cannot_say_leaves_the_classic_fields() -> None:
    facts = replace(FACTS, more={"info": float("nan")})
    options = EndpointOptions(format=Format.TEMPLATE, body_template='{"a": {info}}')
    assert request(options, facts=facts).note == Note.TEMPLATE_FAILED


def test_a_get_has_no_body_and_no_content_type() -> None:
    made = request(EndpointOptions(format=Format.TEMPLATE, method=Method.GET, headers=(("X-Key", "1"),)))
    assert made.body == b""
    assert set(made.headers) == {
        "User-Agent",
        "X-Key",
        "webhook-id",
        "webhook-timestamp",
        "webhook-signature",
    }


def test_a_notice_goes_to_a_plain_endpoint_with_its_own_fields() -> None:
    facts = Facts(device="A0", time=1, received_at_ms=1, kind=Kind.STATUS, more={"batt": 3.4})
    body = json.loads(request(None, facts=facts).body)
    assert body == {"kind": "status", "device": "A0", "time": 1, "batt": 3.4}


def test_a_question_for_a_downlink_is_told_in_the_relays_own_bodies_only() -> None:
    asking = structs.replace(DELIVERY, asks_downlink=True)
    known = KnownMessage(facts=FACTS)
    for options, told in (
        (EndpointOptions(format=Format.FULL), True),
        (EndpointOptions(format=Format.TEMPLATE, body_template='{"a": {rssi}}'), False),
    ):
        destination = Destination(
            endpoint_id=7, revision=1, url=URL(ADDRESS), secret=SECRET, options=options, url_template=ADDRESS
        )
        body = json.loads(formatted(asking, known, destination, 1).body)
        assert body.get("downlinkRequested", False) is told
