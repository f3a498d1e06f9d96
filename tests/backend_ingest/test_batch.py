"""Batches: one line a message, one wrong line costs none of the others."""

import pytest

from relay.backend_ingest.batch import parse_batch, read_batch
from relay.backend_ingest.fields import read_fields
from relay.domain.line_pattern import DEFAULT_PATTERN, LinePattern
from relay.errors import CallbackError, GrammarError

NOW = 1_700_000_500.0
FORM = "application/x-www-form-urlencoded"


def test_sigfoxs_own_samples_are_read() -> None:
    by_query = read_fields("POST", "data=00A0%3B1381766225%3B3b3616201e100000%3B", None, b"")
    by_body = read_fields("POST", "", FORM, b"var=2DC7C1%3B1500452712%3Bdeadbeaf%3B")
    (first,), (second,) = parse_batch(by_query, NOW).uplinks, parse_batch(by_body, NOW).uplinks
    assert (first.device_text, first.time, first.data) == ("00A0", 1381766225, "3b3616201e100000")
    assert (second.device_text, second.time, second.data) == ("2DC7C1", 1500452712, "deadbeaf")


def test_short_lines_may_follow_each_other_without_a_newline() -> None:
    given = "00A0;1381766225;3b36;1a2b;1381766226;;DEADBEEF;1381766227;00;"
    messages = parse_batch({"data": given}, NOW).uplinks
    assert [(one.device_text, one.time, one.data) for one in messages] == [
        ("00A0", 1381766225, "3b36"),
        ("1a2b", 1381766226, ""),
        ("DEADBEEF", 1381766227, "00"),
    ]
    (one,) = parse_batch({"data": "00A0;1381766225;3b36;17;-120;9;true;"}, NOW).uplinks
    assert (one.seq_number, one.rssi, one.ack) == (17, -120.0, True)


def test_lines_end_with_any_newline_and_trailing_columns_are_optional() -> None:
    lines = "1A;1700000000;0a;7;-120.5;12\r\n1B;1700000001;\n\n1C;1700000002;0c;9\r1D"
    assert read_batch({"batch": lines}) == [
        {"device": "1A", "time": "1700000000", "data": "0a", "seqNumber": "7", "rssi": "-120.5", "snr": "12"},
        {"device": "1B", "time": "1700000001"},
        {"device": "1C", "time": "1700000002", "data": "0c", "seqNumber": "9"},
        {"device": "1D"},
    ]


def test_a_separator_at_the_end_of_a_full_line_is_no_part_of_the_last_column() -> None:
    (message,) = read_batch({"batch": "1A;1700000000;0a;7;-120.5;12.5;"})
    assert message["snr"] == "12.5"


def test_a_wrong_line_is_reported_and_the_others_are_taken() -> None:
    batch = parse_batch(
        {"batch": "1A;1700000000;0a\nzz;1700000000;0b\n1C;1700000000;xx\n1D;1700000000;0d"}, NOW
    )
    assert [uplink.data for uplink in batch.uplinks] == ["0a", "0d"]
    assert [(fault.position, fault.reason.split(":")[0]) for fault in batch.faults] == [
        (2, "device"),
        (3, "data"),
    ]


@pytest.mark.parametrize(
    "fields", [{}, {"batch": ""}, {"batch": "\n \n"}, {"batch": 5}, {"batch": "zz;1;0a\nyy"}]
)
def test_a_batch_without_a_good_line_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(CallbackError):
        parse_batch(fields, NOW)


@pytest.mark.parametrize("name", ["batch", "data", "var", "lines", "id"])
def test_the_parameters_name_is_the_operators(name: str) -> None:
    fields = {"token": "secret", name: "1A;1700000000;0a", "x": "1"}
    assert parse_batch(fields, NOW).uplinks[0].device == 0x1A


def test_lines_may_be_the_whole_text_of_a_plain_body() -> None:
    fields = read_fields("POST", "", "text/plain", b"1A;1700000000;0a\n1B;1700000000;0b\n")
    assert [uplink.label for uplink in parse_batch(fields, NOW).uplinks] == ["1A", "1B"]


def test_named_lines_in_a_plain_body_stay_together() -> None:
    fields = read_fields("POST", "", "text/plain", b"batch=1A;1700000000;0a;\n1B;1700000000;0b;")
    assert [uplink.label for uplink in parse_batch(fields, NOW).uplinks] == ["1A", "1B"]


def test_a_pattern_is_the_operators_own() -> None:
    pattern = LinePattern.parse("<{time}|{data}> {device}, {customData#temp}")
    (message,) = read_batch({"batch": "<1700000000|0a> 1A, 21.5"}, pattern)
    assert message == {"time": "1700000000", "data": "0a", "device": "1A", "customData#temp": "21.5"}


def test_a_pattern_that_ends_with_a_separator_may_repeat_in_one_line() -> None:
    pattern = LinePattern.parse("{device};{time};{data};")
    messages = read_batch({"batch": "1A;1700000000;0a;1B;1700000001;0b;"}, pattern)
    assert [message["device"] for message in messages] == ["1A", "1B"]


def test_a_pattern_of_the_device_alone_is_one() -> None:
    assert read_batch({"x": "1A\n1B"}, LinePattern.parse("{device}")) == [{"device": "1A"}, {"device": "1B"}]


def test_columns_beyond_the_pattern_are_left() -> None:
    (message,) = read_batch({"batch": "1A;1;0a;7;-1;2;more;and more"}, DEFAULT_PATTERN)
    assert (message["snr"], message["ack"], len(message)) == ("2", "more", 7)


@pytest.mark.parametrize(("pattern", "column"), [("{time};{data}", 1), ("", 1), ("{device}{time}", 9)])
def test_a_pattern_that_cannot_be_read_back_is_refused(pattern: str, column: int) -> None:
    with pytest.raises(GrammarError) as caught:
        LinePattern.parse(pattern)
    assert caught.value.column == column


def test_the_lines_are_in_the_parameter_that_was_named() -> None:
    fields = read_fields("GET", "lot=1A;1700000000;0a&note=a;b", None, b"")
    assert parse_batch(fields, NOW, parameter="lot").uplinks[0].device == 0x1A
    with pytest.raises(CallbackError, match="no parameter lines"):
        parse_batch(fields, NOW, parameter="lines")
