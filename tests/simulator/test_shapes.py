import json
from urllib.parse import parse_qs, parse_qsl

import pytest

from relay.domain.uplink import Kind
from relay.simulator.message import Location, Reception
from relay.simulator.shapes import (
    TEMPLATES,
    CallbackRequest,
    Spelling,
    Style,
    Template,
    acknowledge_callback,
    data_advanced_callback,
    data_callback,
)
from tests.simulator.stand_in import make_message


def written_fields(request: CallbackRequest) -> dict[str, object]:
    """What a reader finds in the query and the body, whatever their form."""
    fields: dict[str, object] = dict(parse_qsl(request.query, keep_blank_values=True))
    body, content_type = (request.body or b"").decode(), request.headers.get("Content-Type")
    if not body:
        return fields
    if content_type == "application/json":
        return fields | json.loads(body)
    if content_type == "application/x-www-form-urlencoded":
        return fields | dict(parse_qsl(body, keep_blank_values=True))
    if " => " in body:
        return fields | dict(line.split(" => ", 1) for line in body.split("\n"))
    return fields | dict(part.split(":", 1) for part in body.split("; "))


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("data", ["", "00", "1e24", "ffeeddccbbaa998877665544"])
def test_each_template_carries_the_same_message(name: str, data: str) -> None:
    fields = written_fields(data_callback(make_message(data=data), TEMPLATES[name]))
    device = fields.get("device", fields.get("id"))
    assert int(str(device), 16) == 0x1CB3
    assert int(str(fields["time"])) == 1_700_000_000
    assert int(str(fields["seqNumber"])) == 42
    assert fields["data"] == data


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_template_sends_the_headers_of_the_real_cloud(name: str) -> None:
    request = data_callback(make_message(), TEMPLATES[name])
    assert request.headers["User-Agent"] == "SIGFOX"
    assert request.headers["Accept-Language"] == "fr"
    assert ("Content-Type" in request.headers) == (request.body is not None)


def test_json_strings_hold_nothing_but_strings() -> None:
    request = data_callback(make_message(ack=True), Template(style=Style.JSON_STRINGS))
    fields = json.loads(request.body or b"")
    assert fields["rssi"] == "-121.50"
    assert fields["ack"] == "true"
    assert {type(value) for value in fields.values()} == {str}


def test_json_numbers_leave_hex_as_text() -> None:
    request = data_callback(make_message(data="0001", ack=False), Template(style=Style.JSON_NUMBERS))
    assert json.loads(request.body or b"") == {
        "device": "1CB3",
        "time": 1_700_000_000,
        "data": "0001",
        "seqNumber": 42,
        "rssi": -121.5,
        "snr": 12.3,
        "station": "0AF0",
        "ack": False,
        "longPolling": False,
    }


def test_empty_json_has_its_content_type_and_everything_in_the_query() -> None:
    request = data_callback(make_message(), Template(style=Style.EMPTY_JSON))
    assert (request.method, request.body) == ("POST", b"")
    assert request.headers["Content-Type"] == "application/json"
    assert parse_qs(request.query)["device"] == ["1CB3"]


def test_form_and_query_repeats_the_query_in_front_of_the_body() -> None:
    request = data_callback(make_message(), Template(style=Style.FORM_AND_QUERY))
    assert (request.body or b"").decode().startswith(request.query + "&")
    assert parse_qs((request.body or b"").decode())["time"] == ["1700000000", "1700000000"]


@pytest.mark.parametrize(
    ("spelling", "text"), [(Spelling.UPPER, "1CB3"), (Spelling.LOWER, "1cb3"), (Spelling.PADDED, "00001CB3")]
)
def test_a_device_is_spelled_as_the_operator_has_it(spelling: Spelling, text: str) -> None:
    request = data_callback(make_message(), Template(style=Style.JSON_STRINGS, spelling=spelling))
    assert request.device_text == text
    assert written_fields(request)["device"] == text


def test_without_the_radio_option_there_is_no_radio() -> None:
    request = data_callback(make_message(), Template(style=Style.QUERY, radio=False))
    assert not {"rssi", "snr", "station"} & written_fields(request).keys()


def test_legacy_names_replace_the_new_ones() -> None:
    fields = written_fields(data_callback(make_message(), Template(style=Style.QUERY, legacy=True)))
    assert not {"device", "snr"} & fields.keys()
    assert {"id", "signal", "avgSignal", "duplicate", "lat", "lng"} <= fields.keys()


def test_the_average_is_not_available_for_a_young_device() -> None:
    fields = written_fields(
        data_callback(make_message(seq_number=3), Template(style=Style.JSON_NUMBERS, legacy=True))
    )
    assert fields["avgSignal"] == "N/A"


@pytest.mark.parametrize(("ack", "wants"), [(None, False), (False, False), (True, True)])
def test_only_a_bidir_callback_has_an_ack(ack: bool | None, wants: bool) -> None:
    request = data_callback(make_message(ack=ack), Template(style=Style.FORM))
    assert request.wants_downlink is wants
    assert written_fields(request).get("ack") == (None if ack is None else str(ack).lower())


def test_data_advanced_has_receptions_and_position_as_objects() -> None:
    message = make_message(
        further=(Reception(station="27B9", rssi=-118.25, repetitions=2),),
        location=Location(latitude=50.1, longitude=14.4, radius_metres=3000),
    )
    request = data_advanced_callback(message, Template(style=Style.QUERY, spelling=Spelling.LOWER))
    body = json.loads(request.body or b"")
    assert (request.kind, request.method) == (Kind.DATA_ADVANCED, "POST")
    assert body["device"] == "1cb3"
    assert body["duplicates"] == [
        {"bsId": "0AF0", "rssi": -121.5, "nbRep": 3},
        {"bsId": "27B9", "rssi": -118.25, "nbRep": 2},
    ]
    assert body["computedLocation"] == {"lat": 50.1, "lng": 14.4, "radius": 3000, "source": 2, "status": 1}
    assert (body["lqi"], body["linkQuality"]) == ("Good", "2")
    assert not {"rssi", "snr"} & body.keys()


def test_data_advanced_without_a_position_says_status_zero() -> None:
    request = data_advanced_callback(make_message(), Template(style=Style.FORM))
    assert json.loads(request.body or b"")["computedLocation"] == {"status": 0}


def test_acknowledge_has_no_data() -> None:
    request = acknowledge_callback(make_message(), Template(style=Style.FORM))
    body = json.loads(request.body or b"")
    assert request.kind is Kind.ACKNOWLEDGE
    assert (body["infoCode"], body["downlinkAck"]) == ("0", "true")
    assert "data" not in body
