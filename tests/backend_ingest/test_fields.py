"""From requests to fields: methods, media types, character sets, repeats."""

import json

import pytest

from relay.backend_ingest.callback import parse_callback
from relay.backend_ingest.fields import read_fields
from relay.domain.uplink import Kind
from relay.errors import CallbackError, UnsupportedBody

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
TEXT = "text/plain"
QUERY = "device=1A2B3C&time=1700000000&data=0a0b0c&seqNumber=42&rssi=-131.00&ack=true"
FIELDS = dict(part.split("=") for part in QUERY.split("&"))


@pytest.mark.parametrize(
    ("method", "query", "content_type", "body"),
    [
        ("GET", QUERY, None, ""),
        ("POST", QUERY, JSON, ""),
        ("POST", QUERY, "multipart/form-data; boundary=x", ""),
        ("POST", QUERY, JSON, " \r\n"),
        ("POST", "", FORM, QUERY),
        ("PUT", "", FORM + "; charset=ISO-8859-1", QUERY),
        ("POST", QUERY, FORM, QUERY),
        ("POST", "", None, QUERY),
        ("POST", "", JSON, json.dumps(FIELDS)),
        ("POST", "", 'Application/JSON; charset="UTF-8"', json.dumps(FIELDS)),
        ("POST", "", "application/vnd.sigfox+json", json.dumps(FIELDS)),
        ("POST", "", None, json.dumps(FIELDS)),
        ("POST", "", TEXT, json.dumps(FIELDS)),
        ("POST", "", FORM, json.dumps(FIELDS)),
        ("POST", "", TEXT + ";charset=utf-8", QUERY),
        ("POST", "", TEXT, "\n".join(f"{name} => {value}" for name, value in FIELDS.items())),
        ("POST", "", TEXT, "\r\n".join(f"{name}={value}" for name, value in FIELDS.items())),
        ("POST", "", TEXT, "; ".join(f"{name}:{value}" for name, value in FIELDS.items())),
        ("POST", "", TEXT, ", ".join(f'{name} = "{value}"' for name, value in FIELDS.items()) + ";"),
        ("POST", "", TEXT, " ".join(f"{name}={value}" for name, value in FIELDS.items())),
        ("POST", "", TEXT, "|".join(f"{name}={value}" for name, value in FIELDS.items())),
        ("POST", "", TEXT, json.dumps(FIELDS).strip("{}")),
        ("POST", "device=1A2B3C&time=1700000000", TEXT, "data: 0a0b0c; seqNumber: 42; rssi: -131; ack: 1"),
    ],
)
def test_one_message_is_the_same_by_every_way(
    method: str, query: str, content_type: str | None, body: str
) -> None:
    fields = read_fields(method, query, content_type, body.encode())
    expected = parse_callback(Kind.DATA, dict(FIELDS), 0.0)
    assert parse_callback(Kind.DATA, fields, 0.0) == expected


def test_the_body_of_a_get_means_nothing() -> None:
    assert read_fields("GET", "device=1A", JSON, b'{"device": "DEADBEEF"') == {"device": "1A"}


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data; boundary=x",
        "text/html",
        "application/octet-stream",
        "application/json; charset=utf-16",
        "application/json; charset=nope",
        "application/json; charset=utf-7",
        "text/plain; charset=rot13",
        "application/x-www-form-urlencoded; charset=idna",
        "application/json, text/plain",
    ],
)
def test_a_body_that_sigfox_cannot_be_set_to_send_is_unsupported(content_type: str) -> None:
    with pytest.raises(UnsupportedBody):
        read_fields("POST", QUERY, content_type, b'{"device": "1A2B3C"}')


@pytest.mark.parametrize(
    "body",
    [
        b'\xef\xbb\xbf{"device": "1A"}',
        b'{"device": "1A", "device": "1A"}',
        b'{"device": "1A", "a": {"b": 1, "b": 2}}',
        b'{"device": "1A", "x": NaN}',
        b'{"device": "1A", "x": [Infinity]}',
        b'{"device": "1A", "x": "\\u0000"}',
        b'{"device": "1A", "x\\ud800": 1}',
        b'{"device": "1A", "x": [["\\udfff"]]}',
        b'{"device": "1A", "x": "\0"}',
        b'{"device": "1A", "x": "\n"}',
        b'{"device": "1A", "x": ' + b"1" * 5000 + b"}",
        b'{"device": "1A", "x": ' + b"[" * 16 + b"]" * 16 + b"}",
        b'{"x": ' * 9000,
        b"[" * 60_000,
        b'"' * 60_001,
        b'"' + b'\\"' * 30_000,
        b'[{"device": "1A"}]',
        b"null",
        b"{",
        b'{"device": "\xed\xa0\x80"}',
    ],
)
def test_json_that_is_not_strictly_one_object_is_refused(body: bytes) -> None:
    with pytest.raises(CallbackError):
        read_fields("POST", "", JSON, body)


def test_json_may_nest_sixteen_deep_and_hold_brackets_in_text() -> None:
    body = b'{"x": ' + b"[" * 15 + b"]" * 15 + b', "y": "\\"[[[[[[[[[[[[[[[[[[", "z": "\\\\"}'
    assert read_fields("POST", "", JSON, body)["y"] == '"' + "[" * 18


def test_a_whole_pair_of_surrogates_is_one_character() -> None:
    assert read_fields("POST", "", JSON, b'{"x": "\\ud83d\\ude00"}') == {"x": "\U0001f600"}


@pytest.mark.parametrize(
    "parameters",
    ["device=%zz", "device=1A&x=%", "x=%f", "x=%ff", "x=%00", "x=%c0%b1", "x=\udcff", "y=\ud800", "%00=x"],
)
def test_a_query_that_is_not_strictly_utf_8_is_refused(parameters: str) -> None:
    with pytest.raises(CallbackError):
        read_fields("GET", parameters, None, b"")


@pytest.mark.parametrize("content_type", [FORM, TEXT, JSON, None])
def test_bytes_that_are_not_utf_8_are_refused_in_every_body(content_type: str | None) -> None:
    with pytest.raises(CallbackError):
        read_fields("POST", "device=1A", content_type, b"x=\xff")


def test_a_body_that_names_an_ascii_character_set_must_be_ascii() -> None:
    with pytest.raises(CallbackError):
        read_fields("POST", "", FORM + "; charset=iso-8859-1", "x=é".encode())


def test_parameters_are_unescaped_a_plus_is_a_space_and_what_says_nothing_is_left_out() -> None:
    assert read_fields("GET", "&&a+b=%C3%A9+x%2B&c&d=1=2;3", None, b"") == {
        "a b": "é x+",
        "d": "1=2;3",
    }


def test_too_many_parameters_are_refused() -> None:
    with pytest.raises(CallbackError):
        read_fields("GET", "&".join(f"x{n}=1" for n in range(257)), None, b"")


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("time=1700000000", {"time": 1700000000}),
        ("device=00a0", {"device": "A0"}),
        ("rssi=-123.00", {"rssi": -123}),
        ("ack=true", {"ack": True}),
        ("data=0A", {"data": "0a"}),
        ("time=", {"time": 1700000000}),
        ("time=1700000000", {"time": "N/A"}),
        ("seq_number=4", {"seqNumber": "4"}),
    ],
)
def test_equal_repeats_in_query_and_body_are_normal(query: str, body: dict[str, object]) -> None:
    fields = read_fields("POST", query, JSON, json.dumps(body).encode())
    assert set(fields) == ({"seqNumber"} if "seq" in query else set(body))


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("time=1700000000", {"time": 1700000001}),
        ("device=1A", {"device": "1B"}),
        ("Device=1A", {"device": "1B"}),
        ("data=1e24", {"data": "1e240"}),
        ("data=1e01", {"data": "1e001"}),
        ("ack=true", {"ack": False}),
        ("rssi=-1", {"rssi": [-1]}),
    ],
)
def test_contradicting_repeats_are_refused(query: str, body: dict[str, object]) -> None:
    with pytest.raises(CallbackError):
        read_fields("POST", query, JSON, json.dumps(body).encode())


def test_of_unknown_names_the_first_counts() -> None:
    assert read_fields("POST", "key=1", FORM, b"key=2&Key=3") == {"key": "1", "Key": "3"}


def test_text_without_names_comes_back_whole() -> None:
    assert read_fields("POST", "", TEXT, b"00A0;1381766225;3b\n") == {"text": "00A0;1381766225;3b"}


def test_hostile_text_is_read_in_one_pass() -> None:
    for body in (b" " * 65_000 + b"x", b"a" * 65_000, b"\n" * 65_000 + b"x", b";a" * 30_000, b'{"' * 30_000):
        try:
            read_fields("POST", "", TEXT, body)
        except CallbackError:
            continue
