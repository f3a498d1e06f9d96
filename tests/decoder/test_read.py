"""What a payload's bits mean, seen through a grammar."""

import pytest

from relay.decoder import Value, parse_grammar


def decode(text: str, payload_hex: str) -> dict[str, Value]:
    return parse_grammar(text).decode(bytes.fromhex(payload_hex))


@pytest.mark.parametrize(
    ("type_text", "payload_hex", "value"),
    [
        pytest.param("uint:4", "a5", 0xA, id="high bits first"),
        pytest.param("uint:4::3", "a5", 0x5, id="start bit counts down to 0"),
        pytest.param("uint:8::3", "1234", 0x23, id="runs on into the next byte"),
        pytest.param("uint:12", "1234", 0x123, id="byte and a half"),
        pytest.param("int:4", "f0", -1, id="sign bit of a short number"),
        pytest.param("int:1", "80", -1, id="a single bit is all sign"),
        pytest.param("int:12::3", "0800", -2048, id="sign bit at the start bit"),
        pytest.param("uint:16:little-endian", "0102", 0x0201, id="little-endian"),
        pytest.param(
            "uint:16:little-endian:3", "0123 40", 0x3412, id="little-endian from the middle of a byte"
        ),
        pytest.param("uint:4:little-endian", "a5", 0xA, id="less than a byte has no byte order"),
        pytest.param(
            "uint:12:little-endian", "3412", 0x134, id="the shorter last group is the most significant"
        ),
        pytest.param("int:12:little-endian", "ffff", -1, id="signed, little-endian, byte and a half"),
    ],
)
def test_a_number_takes_its_bits_from_the_start_bit_on(type_text: str, payload_hex: str, value: int) -> None:
    assert decode(f"a::{type_text}", payload_hex) == {"a": value}


@pytest.mark.parametrize(
    "type_text", ["float:32", "float:32:little-endian", "float:64", "float:64:little-endian"]
)
@pytest.mark.parametrize("number_hex", ["7f800000", "ff800000", "7fc00000", "7f800001"])
def test_what_json_cannot_say_is_null(type_text: str, number_hex: str) -> None:
    raw = bytes.fromhex(number_hex)
    if "64" in type_text:
        raw = bytes([raw[0], raw[1] | 0x70, *raw[2:], 0, 0, 0, 0])
    if "little" in type_text:
        raw = raw[::-1]

    assert decode(f"a::{type_text}", raw.hex()) == {"a": None}


@pytest.mark.parametrize(
    ("payload_hex", "text"),
    [
        pytest.param("4142 4344", "ABCD", id="ASCII"),
        pytest.param("c48d 6120", "ča ", id="UTF-8"),
        pytest.param("4142 0000", "AB", id="filled up with NUL"),
        pytest.param("0000 0000", "", id="nothing but NUL"),
        pytest.param("4100 4243", "A\ufffdBC", id="NUL inside"),
        pytest.param("1b5b 0a7f", "\ufffd[\ufffd\ufffd", id="control characters"),
        pytest.param("41e9 ff42", "A\ufffd\ufffdB", id="not UTF-8"),
        pytest.param("4142 43c4", "ABC\ufffd", id="a character cut in two"),
        pytest.param("e280 ae41", "\ufffdA", id="a control of the writing direction"),
    ],
)
def test_text_is_always_fit_to_be_shown(payload_hex: str, text: str) -> None:
    assert decode("a::char:4", payload_hex) == {"a": text}


@pytest.mark.parametrize(
    ("grammar", "payload_hex", "fields"),
    [
        pytest.param("a::uint:8", "", {}, id="empty payload"),
        pytest.param("a::bool:0", "", {}, id="no byte for the bool"),
        pytest.param("a::uint:16 b::uint:8", "ff", {}, id="the cursor moves past what is left out"),
        pytest.param("a::uint:16 b:0:uint:8", "ff", {"b": 255}, id="a later field may be inside"),
        pytest.param("a::uint:12", "ff", {}, id="four bits are missing"),
        pytest.param("a::uint:8::6", "ff", {}, id="one bit is missing"),
        pytest.param("a::char:4", "4142", {"a": "AB"}, id="text is shortened"),
        pytest.param("a::char:4 b:0:uint:8", "", {}, id="text without any byte"),
        pytest.param("a::char:3:3", "041424", {"a": "AB"}, id="whole characters only"),
        pytest.param("a::char:2:3", "04", {}, id="not one whole character"),
    ],
)
def test_a_field_that_is_not_wholly_there_is_left_out(
    grammar: str, payload_hex: str, fields: dict[str, Value]
) -> None:
    assert decode(grammar, payload_hex) == fields


def test_of_equal_names_the_last_that_is_there_wins() -> None:
    grammar = "a::uint:8 b::uint:8 a::uint:8"

    assert decode(grammar, "010203") == {"a": 3, "b": 2}
    assert decode(grammar, "0102") == {"a": 1, "b": 2}


def test_more_than_eight_bools_may_read_one_byte() -> None:
    grammar = " ".join(f"b{number}::bool:{number % 8}" for number in range(10))

    assert decode(grammar, "02") == {f"b{number}": number in (1, 9) for number in range(10)}
