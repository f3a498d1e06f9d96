"""The relay's own options behind a field's type."""

import pytest

from relay.decoder import Value, parse_grammar
from relay.errors import GrammarError


def decode(text: str, payload_hex: str) -> dict[str, Value]:
    return parse_grammar(text).decode(bytes.fromhex(payload_hex))


@pytest.mark.parametrize(
    ("type_text", "payload_hex", "value"),
    [
        pytest.param("uint:8:scale=0.1", "e7", 23.1, id="decimal, not binary"),
        pytest.param("uint:8:scale=0.1:offset=-28", "00", -28.0, id="an offset behind the scale"),
        pytest.param("int:16:little-endian:scale=0.5", "f5ff", -5.5, id="signed halves"),
        pytest.param("uint:64:scale=2:offset=-1", "ff" * 8, 2 * (2**64 - 1) - 1, id="whole stays whole"),
        pytest.param("uint:8:scale=1.0", "07", 7, id="a scale of one changes nothing"),
        pytest.param("uint:4::3:scale=0.25:offset=2", "fe", 5.5, id="behind a start bit"),
        pytest.param("float:32:scale=100", "3f000000", 50.0, id="a float"),
        pytest.param("float:32:scale=100", "7fc00000", None, id="not a number"),
        pytest.param("float:64:scale=999999999", "7fefffffffffffff", None, id="too large for JSON"),
        pytest.param("uint:8:none=0xff", "ff", None, id="no value"),
        pytest.param("uint:8:none=0xff:scale=0.1", "fe", 25.4, id="a value beside it"),
        pytest.param("int:16:none=0xffff", "ffff", None, id="the pattern of a negative number"),
        pytest.param("int:16:none=-1", "ffff", None, id="the negative number itself"),
        pytest.param("int:16:little-endian:none=32767", "ff7f", None, id="in the order of the bytes"),
        pytest.param("uint:8:words=boot,beacon", "01", "beacon", id="words"),
        pytest.param("uint:8:words=boot,beacon", "02", 2, id="a number without a word"),
    ],
)
def test_an_option_makes_the_value(type_text: str, payload_hex: str, value: Value) -> None:
    decoded = decode(f"a::{type_text}", payload_hex)

    assert decoded == {"a": value}
    assert type(decoded["a"]) is type(value)


@pytest.mark.parametrize(
    ("text", "payload_hex", "names"),
    [
        pytest.param("a:1:uint:8:if=0.7", "8000", ["a"], id="a bit that is set"),
        pytest.param("a:1:uint:8:if=0.7", "7f00", [], id="a bit that is not"),
        pytest.param("a:1:uint:8:if=!0.7", "7f00", ["a"], id="a bit that must not be"),
        pytest.param("a:0:uint:8:if=!5.7", "00", [], id="a bit that is not there at all"),
        pytest.param("k::uint:4 a:0:uint:4::3:if=k=1,3", "30", ["k", "a"], id="a number among several"),
        pytest.param("k::uint:4 a:0:uint:4::3:if=k=1,3", "20", ["k"], id="another number"),
        pytest.param("k::int:8:scale=0.5:none=-1 a::uint:8:if=k=-1", "ff00", ["k", "a"], id="before scale"),
        pytest.param("k::bool:0 a:1:uint:8:if=k=1", "0100", ["k", "a"], id="a bool is 0 or 1"),
        pytest.param("k:5:uint:8 a:0:uint:8:if=k=0", "00", [], id="a number that is not there"),
        pytest.param("a::uint:8 b::uint:8:if=here", "00", ["a"], id="what may be missing"),
        pytest.param("a::uint:8:if=9.0 b::uint:8", "0001", ["b"], id="a condition leaves the cursor alone"),
    ],
)
def test_a_condition_decides_whether_a_field_is_there(text: str, payload_hex: str, names: list[str]) -> None:
    assert list(decode(text, payload_hex)) == names


@pytest.mark.parametrize(
    ("text", "payload_hex", "fits"),
    [
        ("a::uint:16", "0000", True),
        ("a::uint:16", "00", False),
        ("a::char:4", "4142", False),
        ("a::uint:8 b::uint:8:if=here", "00", True),
        ("a::uint:8 b::uint:8:if=0.0", "00", True),
        ("a::uint:8 b::uint:8:if=0.0", "01", False),
        ("a::char:13", "41" * 12, True),
    ],
)
def test_a_payload_fits_when_nothing_is_missing_that_a_message_can_hold(
    text: str, payload_hex: str, fits: bool
) -> None:
    assert parse_grammar(text).fits(bytes.fromhex(payload_hex)) is fits


def test_a_unit_belongs_to_the_field() -> None:
    (field,) = parse_grammar("a::uint:8:unit=m/s²").fields
    assert field.refinement.unit == "m/s²"


@pytest.mark.parametrize(
    ("text", "column", "advice"),
    [
        ("a::uint:8:scale", 11, "`scale` is not a byte order"),
        ("a::uint:8:scale=2:little-endian", 19, "`:little-endian` is one part too many"),
        ("a::uint:8:sclae=2", 11, "`sclae` is no option; there are scale, offset, unit, none, words, if"),
        ("a::uint:8:scale=2:scale=3", 19, "`scale` stands here twice"),
        ("a::uint:8:scale=1e3", 17, "`1e3` is not a number such as 0.5 or -28"),
        ("a::uint:8:scale=0.0", 17, "a scale of 0 would make everything 0"),
        ("a::uint:8:offset=", 18, "`` is not a number"),
        ("a::bool:7:scale=2", 11, "`scale` is for float, int, uint, not for bool"),
        ("a::int:8:words=a,b", 10, "`words` is for uint, not for int"),
        ("a::uint:8:unit=", 16, "`` is not a unit of 1 to 16 characters"),
        ("a::uint:8:none=0x1ff", 16, "`0x1ff` cannot stand in uint:8"),
        ("a::uint:8:none=-1", 16, "`-1` cannot stand in uint:8"),
        ("a::int:8:none=128", 15, "`128` cannot stand in int:8"),
        ("a::int:8:none=-129", 15, "`-129` cannot stand in int:8"),
        ("a::uint:8:words=on,,off", 20, "`` is not a word"),
        (
            "a::uint:8:if=8",
            14,
            "`8` is no condition; write if=0.7 (byte and bit), if=!0.7, if=kind=2 or if=here",
        ),
        ("a::uint:8:if=0.8", 14, "`0.8` is no condition"),
        ("a::uint:8:if=a=1", 14, "`a` is no whole number or bool that stands before this field"),
        ("t::char:1 a::uint:8:if=t=1", 24, "`t` is no whole number"),
        ("k::uint:8 a::uint:8:if=k=1,x", 28, "`x` is not a whole number"),
        ("a::uint:scale=2", 8, "`uint` needs a number"),
    ],
)
def test_a_wrong_option_is_named_with_its_column(text: str, column: int, advice: str) -> None:
    with pytest.raises(GrammarError) as caught:
        parse_grammar(text)

    assert (str(caught.value.what)[: len(advice)], caught.value.column) == (advice, column)
