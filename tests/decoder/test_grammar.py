"""Which texts are a grammar, where each field stands, and what is said about a wrong text."""

import pytest

from relay.decoder import Endian, Kind, Shape, parse_grammar
from relay.decoder.grammar import MAX_BYTES, MAX_FIELDS, MAX_TEXT_LENGTH
from relay.errors import GrammarError


def shape_of(type_text: str) -> Shape:
    return parse_grammar(f"a::{type_text}").fields[0].shape


def places(text: str) -> list[int]:
    return [field.first_byte for field in parse_grammar(text).fields]


def test_a_field_has_a_name_a_place_and_a_shape() -> None:
    (field,) = parse_grammar("Tank_1-level:5:int:16:little-endian").fields

    assert (field.name, field.first_byte) == ("Tank_1-level", 5)
    assert field.shape == Shape(kind=Kind.INT, length_bits=16, endian=Endian.LITTLE)


@pytest.mark.parametrize(
    ("type_text", "shape"),
    [
        ("bool:0", Shape(kind=Kind.BOOL, length_bits=1, start_bit=0)),
        ("bool:7", Shape(kind=Kind.BOOL, length_bits=1, start_bit=7)),
        ("char:12", Shape(kind=Kind.CHAR, length_bits=96)),
        ("char:2:3", Shape(kind=Kind.CHAR, length_bits=16, start_bit=3)),
        ("float:32", Shape(kind=Kind.FLOAT, length_bits=32)),
        ("float:64:little-endian", Shape(kind=Kind.FLOAT, length_bits=64, endian=Endian.LITTLE)),
        ("float:32:big-endian:3", Shape(kind=Kind.FLOAT, length_bits=32, start_bit=3)),
        ("uint:1", Shape(kind=Kind.UINT, length_bits=1)),
        ("uint:64:big-endian", Shape(kind=Kind.UINT, length_bits=64)),
        ("uint:08", Shape(kind=Kind.UINT, length_bits=8)),
        ("int:24:", Shape(kind=Kind.INT, length_bits=24)),
        ("uint:4::3", Shape(kind=Kind.UINT, length_bits=4, start_bit=3)),
        ("uint:4:3", Shape(kind=Kind.UINT, length_bits=4, start_bit=3)),
        ("uint:16:little-endian:7", Shape(kind=Kind.UINT, length_bits=16, endian=Endian.LITTLE)),
    ],
)
def test_each_published_version_of_a_type_is_understood(type_text: str, shape: Shape) -> None:
    assert shape_of(type_text) == shape


@pytest.mark.parametrize(
    "text", ["a::uint:8 b::uint:8", "  a::uint:8   b::uint:8 ", "\ta::uint:8\r\nb::uint:8\n"]
)
def test_any_white_space_separates_fields(text: str) -> None:
    assert [field.name for field in parse_grammar(text).fields] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "first_bytes"),
    [
        pytest.param("a::uint:8 b::uint:24 c::char:2 d::uint:8", [0, 1, 4, 6], id="one behind the other"),
        pytest.param("a::uint:16 b:0:uint:8 c::uint:8", [0, 0, 1], id="a first byte moves the cursor"),
        pytest.param("a:3:bool:7 b::bool:6 c::uint:8", [3, 3, 3], id="a bool leaves the cursor"),
        pytest.param("a::uint:4 b::uint:4", [0, 1], id="a part of a byte uses it up"),
        pytest.param("a::uint:12 b::uint:8", [0, 2], id="so does the part of a second byte"),
        pytest.param("a::uint:8::3 b::uint:8", [0, 2], id="a start bit can push into one byte more"),
    ],
)
def test_a_field_without_a_first_byte_stands_at_the_cursor(text: str, first_bytes: list[int]) -> None:
    assert places(text) == first_bytes


def test_the_largest_numbers_are_accepted() -> None:
    fields = " ".join(f"f{number}:{MAX_BYTES - 1}:char:{MAX_BYTES}" for number in range(MAX_FIELDS))

    assert len(parse_grammar(fields).fields) == MAX_FIELDS


@pytest.mark.parametrize(
    ("text", "column", "advice"),
    [
        ("", 1, "the grammar is empty"),
        (" \n ", 1, "the grammar is empty"),
        (":0:uint:8", 1, "the field has no name"),
        ("temp°::uint:8", 5, "`°` cannot stand in a name"),
        ("customData#a::uint:8", 11, "`#` cannot stand in a name"),
        ("a::uint:8,b::uint:8", 9, "`uint:8,b` is not a length Sigfox knows; use 1 to 64 bits"),
        ("temp", 5, "`temp` is not complete; write name:byte:type"),
        ("temp:3", 7, "`temp:3` is not complete"),
        ("temp:uint:8", 6, "`uint` is not the number of a byte; use 0 to 1023, or nothing"),
        ("a:-1:uint:8", 3, "`-1` is not the number of a byte"),
        ("a:1024:uint:8", 3, "`1024` is not the number of a byte"),
        ("a:٣:uint:8", 3, "`٣` is not the number of a byte"),
        ("a::uint:8  b::string:8", 15, "`string` is not a type; use bool, char, float, int or uint"),
        ("a::UINT:8", 4, "`UINT` is not a type"),
        ("a::", 4, "`` is not a type"),
        ("a::uint", 8, "`uint` needs a number, as in `uint:8`"),
        ("a::uint:", 9, "`uint:` is not a length Sigfox knows"),
        ("a::uint:65", 9, "`uint:65` is not a length Sigfox knows; use 1 to 64 bits"),
        ("a::int:0", 8, "`int:0` is not a length Sigfox knows; use 1 to 64 bits"),
        ("a::int:+8", 8, "`int:+8` is not a length Sigfox knows"),
        ("a::float:16", 10, "`float:16` is not a length Sigfox knows; use 32 or 64 bits"),
        ("a::char:0", 9, "`char:0` is not a length Sigfox knows; use 1 to 1024 bytes"),
        ("a::bool", 8, "`bool` needs a number, as in `bool:7`"),
        ("a::bool:8", 9, "`8` is not the number of a bit; use 7 (the most significant) to 0 (the least)"),
        ("a::bool:7:1", 11, "`:1` is one part too many"),
        ("a::uint:16:little", 12, "`little` is not a byte order; use little-endian or big-endian"),
        ("a::uint:4::8", 12, "`8` is not the number of a bit"),
        ("a::uint:4::", 12, "`` is not the number of a bit"),
        ("a::uint:4::3:", 14, "`:` is one part too many"),
        ("a::uint:4:3:little-endian", 13, "`:little-endian` is one part too many"),
        ("a::char:4:little-endian", 11, "`little-endian` is not the number of a bit"),
    ],
)
def test_a_fault_is_named_with_its_column_and_a_remedy(text: str, column: int, advice: str) -> None:
    with pytest.raises(GrammarError) as caught:
        parse_grammar(text)

    assert (caught.value.column, str(caught.value.what)[: len(advice)]) == (column, advice)


def test_a_text_that_is_too_long_is_refused_where_it_becomes_so() -> None:
    text = "a::uint:8".ljust(MAX_TEXT_LENGTH)
    assert parse_grammar(text).fields

    with pytest.raises(GrammarError, match="at most 4096 characters") as caught:
        parse_grammar(text + " ")
    assert caught.value.column == MAX_TEXT_LENGTH + 1


def test_the_first_field_too_many_is_refused() -> None:
    with pytest.raises(GrammarError, match="at most 128 fields") as caught:
        parse_grammar("a::bool:7 " * (MAX_FIELDS + 1))
    assert caught.value.column == 10 * MAX_FIELDS + 1


def test_a_message_quotes_neither_control_characters_nor_long_texts() -> None:
    with pytest.raises(GrammarError) as caught:
        parse_grammar("a::\x1b[31m" + "x" * 1000)

    assert "\x1b" not in str(caught.value.what)
    assert len(str(caught.value.what)) < 150
