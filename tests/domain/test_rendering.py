"""The requests that formats make."""

import json
from dataclasses import replace

import pytest

from relay.domain.endpoint_options import PLAIN, ContentType, EndpointOptions, Format, Method
from relay.domain.rendering import preview, reads_payload, render
from tests.domain.messages import LITTLE_KNOWN, MESSAGE, STATUS

URL = "https://hooks.example.com/in"
FULL = EndpointOptions(format=Format.FULL, headers=(("X-Key", "s3cret"),))


def test_the_full_format_begins_with_the_five_fields_and_tells_all_else() -> None:
    body = json.loads(render(FULL, URL, MESSAGE).body)
    assert list(body)[:5] == ["snr", "device", "rssi", "time", "data"]
    assert body == {
        "snr": 14.99,
        "device": "1A2B3C",
        "rssi": -136.0,
        "time": 1_700_000_000,
        "data": "0f09",
        "kind": "data",
        "deviceName": "Čidlo 1",
        "deviceType": "meters",
        "seqNumber": 4095,
        "station": "0E3A",
        "lqi": "GOOD",
        "ack": True,
        "avgSnr": 12.5,
        "deviceTypeId": None,
        "receivedAt": "2023-11-14T22:13:23.250Z",
        "decoded": {
            "temperature": {"value": 21.5, "units": "°C"},
            "text": {"value": '"}{&?=#\n', "units": ""},
        },
        "location": {"lat": 50.1, "lng": 14.4, "radius": 800, "source": "computed"},
        "radio": {
            "operator": "SIGFOX_Czech",
            "country": 203,
            "baseStations": [{"bsId": "0E3A", "rssi": -136.0, "nbRep": 3}, {"bsId": "0E3B", "rssi": -120.5}],
        },
        "downlink": "0102030405060708",
        "customData": {"t": 5},
    }


def test_what_is_not_known_is_null_and_the_best_station_gives_the_missing_rssi() -> None:
    little = json.loads(render(FULL, URL, LITTLE_KNOWN).body)
    assert {name for name, value in little.items() if value is None} >= {
        "rssi",
        "decoded",
        "location",
        "radio",
    }
    assert "downlink" not in little
    heard = replace(MESSAGE, rssi=None)
    assert json.loads(render(FULL, URL, heard).body)["rssi"] == -120.5
    assert json.loads(render(PLAIN, URL, heard).body)["rssi"] is None


@pytest.mark.parametrize("options", [PLAIN, FULL])
def test_a_notice_tells_its_kind_and_its_own_fields(options: EndpointOptions) -> None:
    assert render(options, URL, STATUS).body == (
        b'{"kind":"status","device":"A0","time":1700000000,"seqNumber":7,"batt":3.4,"temp":20}'
    )


def test_a_script_for_sigfox_is_called_as_sigfox_calls_it() -> None:
    url = f"{URL}?id={{device}}&time={{time}}&snr={{snr}}&avgSignal={{avgSignal}}&lat={{lat}}"
    rendered = render(EndpointOptions(format=Format.TEMPLATE, method=Method.GET), url, MESSAGE)
    assert rendered.url == f"{URL}?id=1A2B3C&time=1700000000&snr=14.99&avgSignal=12.5&lat=50.0"
    assert (rendered.method, rendered.body, rendered.content_type) == ("GET", b"", None)


def test_a_form_without_a_template_holds_the_parameters_of_the_url() -> None:
    options = EndpointOptions(format=Format.TEMPLATE, content_type=ContentType.FORM)
    rendered = render(options, f"{URL}?id={{device}}&d={{data}}", MESSAGE)
    assert (rendered.body, rendered.content_type) == (
        b"id=1A2B3C&d=0f09",
        "application/x-www-form-urlencoded",
    )


def test_a_preview_shows_what_would_be_sent_but_no_secret() -> None:
    shown = preview(FULL, URL, MESSAGE)
    assert shown.body == render(FULL, URL, MESSAGE).body
    assert "s3cret" not in str(shown)
    assert list(shown.headers) == ["X-Key"]


def test_the_payload_is_read_only_where_it_is_wanted() -> None:
    template = EndpointOptions(format=Format.TEMPLATE)
    assert [reads_payload(each, URL) for each in (PLAIN, FULL, template)] == [False, True, False]
    assert reads_payload(template, URL + "?t={customData#temperature}")
