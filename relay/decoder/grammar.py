"""The text of a grammar, such as `status::bool:7 temperature:1:int:16:little-endian`.

It takes whatever one of the published versions of the grammar takes::

    format = field { white space, field }
    field  = name ":" [ first byte ] ":" type
    type   = "bool:" bit
           | "char:" bytes [ ":" start bit ]
           | "float:" ( "32" | "64" ) [ ":" [ endian ] ] [ ":" start bit ]
           | ( "int:" | "uint:" ) bits [ ":" [ endian ] ] [ ":" start bit ]

A field without a first byte stands at the cursor. The cursor begins at byte 0; a first byte moves it there;
a bool leaves it where it is, so that further bools and then another field may read the same byte; every
other field moves it behind the last byte from which it takes a bit. (Some copies of Sigfox's text let the
cursor stay on that last byte after a field with a start bit; to be safe from either reading, write the first
byte of the field that follows.)
"""

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import NoReturn, assert_never

from relay.decoder.read import (
    MOST_SIGNIFICANT_BIT,
    Endian,
    Field,
    Kind,
    Shape,
    Value,
    cut,
    interpret,
    printable,
)
from relay.errors import GrammarError

# A Sigfox payload has at most 12 bytes, but formats for longer ones are in use.
MAX_TEXT_LENGTH = 4096
MAX_FIELDS = 128
MAX_BYTES = 1024
MAX_INTEGER_BITS = 64

_LONGEST_QUOTE = 40
_EXAMPLES = {
    Kind.BOOL: "bool:7",
    Kind.CHAR: "char:8",
    Kind.FLOAT: "float:32",
    Kind.INT: "int:16",
    Kind.UINT: "uint:8",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A field that is in a payload, and what it says there."""

    field: Field
    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """A grammar that was understood; each field knows its place."""

    fields: tuple[Field, ...]

    def decode(self, payload: bytes) -> dict[str, Value]:
        """Read a payload of any length; no payload is an error.

        A field that does not lie wholly inside the payload is left out, and text is shortened. Of several
        fields with one name the last that is inside wins.
        """
        return {found.field.name: found.value for found in self.read(payload)}

    def read(self, payload: bytes) -> Sequence[Found]:
        """The same with every field that is there, in their order."""
        return [
            Found(field=field, value=interpret(field.shape, bits))
            for field in self.fields
            if (bits := cut(field, payload)) is not None
        ]

    def fits(self, payload: bytes) -> bool:
        """Whether all fields lie wholly inside the payload."""
        return all(field.last_byte < len(payload) for field in self.fields)


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of the text; `column` counts from 1."""

    text: str
    column: int

    @property
    def end(self) -> "_Part":
        """The empty place behind this part, where something is missing."""
        return _Part("", self.column + len(self.text))

    def refuse(self, message: str) -> NoReturn:
        raise GrammarError(message, self.column)


def parse_grammar(text: str) -> Grammar:
    """Read the text of a grammar.

    Raises:
        GrammarError: It is not a grammar; the column is that of the first part that is wrong or missing.
    """
    fields: list[Field] = []
    cursor = 0
    for word in _words(text):
        field = _parse_field(word, cursor)
        cursor = _cursor_behind(field)
        fields.append(field)
    return Grammar(fields=tuple(fields))


def _words(text: str) -> list[_Part]:
    if len(text) > MAX_TEXT_LENGTH:
        raise GrammarError(f"a grammar has at most {MAX_TEXT_LENGTH} characters", MAX_TEXT_LENGTH + 1)
    words = [_Part(match.group(), match.start() + 1) for match in re.finditer(r"\S+", text)]
    if not words:
        raise GrammarError("the grammar is empty; write fields such as `temperature::int:16`", 1)
    if len(words) > MAX_FIELDS:
        words[MAX_FIELDS].refuse(f"a grammar has at most {MAX_FIELDS} fields")
    return words


def _cursor_behind(field: Field) -> int:
    return field.first_byte + (0 if field.shape.kind is Kind.BOOL else field.shape.touched_bytes)


def _parse_field(word: _Part, cursor: int) -> Field:
    name, *others = _split(word)
    _check_name(name)
    if len(others) < 2:
        word.end.refuse(f"{_quote(word.text)} is not complete; write name:byte:type, as in `level::uint:8`")
    index, kind, *arguments = others
    first_byte = _first_byte(index) if index.text else cursor
    return Field(name=name.text, first_byte=first_byte, shape=_parse_shape(kind, arguments))


def _split(word: _Part) -> list[_Part]:
    parts: list[_Part] = []
    column = word.column
    for text in word.text.split(":"):
        parts.append(_Part(text, column))
        column += len(text) + 1
    return parts


def _check_name(name: _Part) -> None:
    if not name.text:
        name.refuse("the field has no name; write name:byte:type, as in `level::uint:8`")
    if strange := re.search(r"[^A-Za-z0-9_-]", name.text):
        bad = _Part(strange.group(), name.column + strange.start())
        bad.refuse(f"{_quote(bad.text)} cannot stand in a name; use letters A to Z, digits, `-` and `_`")


def _first_byte(index: _Part) -> int:
    number = _number(index.text, range(MAX_BYTES))
    if number is None:
        index.refuse(
            f"{_quote(index.text)} is not the number of a byte; "
            f"use 0 to {MAX_BYTES - 1}, or nothing, as in `level::uint:8`"
        )
    return number


def _parse_shape(word: _Part, arguments: list[_Part]) -> Shape:
    kind = _kind(word)
    if not arguments:
        word.end.refuse(f"`{kind}` needs a number, as in `{_EXAMPLES[kind]}`")
    first, *options = arguments
    match kind:
        case Kind.BOOL:
            return _parse_bool(first, options)
        case Kind.CHAR:
            return _parse_char(first, options)
        case Kind.FLOAT:
            return _parse_number(kind, _length(kind, first, (32, 64), "32 or 64 bits"), options)
        case Kind.INT | Kind.UINT:
            allowed = range(1, MAX_INTEGER_BITS + 1)
            return _parse_number(
                kind, _length(kind, first, allowed, f"1 to {MAX_INTEGER_BITS} bits"), options
            )
        case _:
            assert_never(kind)


def _kind(word: _Part) -> Kind:
    try:
        return Kind(word.text)
    except ValueError:
        word.refuse(f"{_quote(word.text)} is not a type; use bool, char, float, int or uint")


def _parse_bool(bit: _Part, options: list[_Part]) -> Shape:
    start_bit = _bit(bit)
    _check_no_more(options)
    return Shape(kind=Kind.BOOL, length_bits=1, start_bit=start_bit)


def _parse_char(length: _Part, options: list[_Part]) -> Shape:
    length_bytes = _length(Kind.CHAR, length, range(1, MAX_BYTES + 1), f"1 to {MAX_BYTES} bytes")
    return Shape(kind=Kind.CHAR, length_bits=8 * length_bytes, start_bit=_start_bit(options))


def _parse_number(kind: Kind, length_bits: int, options: list[_Part]) -> Shape:
    endian = Endian.BIG
    if options and not options[0].text.isdecimal():
        endian = _endian(options[0])
        options = options[1:]
    return Shape(kind=kind, length_bits=length_bits, endian=endian, start_bit=_start_bit(options))


def _length(kind: Kind, part: _Part, allowed: Container[int], allowed_words: str) -> int:
    number = _number(part.text, allowed)
    if number is None:
        wrong = _quote(f"{kind}:{part.text}")
        part.refuse(f"{wrong} is not a length Sigfox knows; use {allowed_words}")
    return number


def _endian(part: _Part) -> Endian:
    try:
        return Endian(part.text or Endian.BIG)
    except ValueError:
        part.refuse(f"{_quote(part.text)} is not a byte order; use little-endian or big-endian")


def _start_bit(options: list[_Part]) -> int:
    if not options:
        return MOST_SIGNIFICANT_BIT
    start_bit = _bit(options[0])
    _check_no_more(options[1:])
    return start_bit


def _bit(part: _Part) -> int:
    number = _number(part.text, range(MOST_SIGNIFICANT_BIT + 1))
    if number is None:
        part.refuse(
            f"{_quote(part.text)} is not the number of a bit; use 7 (the most significant) to 0 (the least)"
        )
    return number


def _check_no_more(options: list[_Part]) -> None:
    if options:
        options[0].refuse(f"{_quote(':' + options[0].text)} is one part too many")


def _number(text: str, allowed: Container[int]) -> int | None:
    """The number that the ASCII digits say, if it is allowed; `int` alone would take `+1`, `1_0` and `١`."""
    if not re.fullmatch(r"[0-9]{1,4}", text) or int(text) not in allowed:
        return None
    return int(text)


def _quote(text: str) -> str:
    """The text fit for a message: one short line of printable characters."""
    short = text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…"
    return f"`{printable(short)}`"
