"""The text of a grammar, such as `status::bool:7 temperature:1:int:16:little-endian`.

It takes whatever one of the published versions of the grammar takes, and the relay's own options behind it::

    format = field { white space, field } | "preset:" name
    field  = name ":" [ first byte ] ":" type { ":" option }
    type   = "bool:" bit
           | "char:" bytes [ ":" start bit ]
           | "float:" ( "32" | "64" ) [ ":" [ endian ] ] [ ":" start bit ]
           | ( "int:" | "uint:" ) bits [ ":" [ endian ] ] [ ":" start bit ]
    option = "scale=" number | "offset=" number | "unit=" text | "none=" number | "words=" text { "," text }
           | "if=" ( [ "!" ] byte "." bit | name "=" number { "," number } | "here" )

A field without a first byte stands at the cursor. The cursor begins at byte 0; a first byte moves it there;
a bool leaves it where it is, so that further bools and then another field may read the same byte; every
other field moves it behind the last byte from which it takes a bit. (Some copies of Sigfox's text let the
cursor stay on that last byte after a field with a start bit; to be safe from either reading, write the first
byte of the field that follows.) A condition decides what is shown and never moves the cursor.
"""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import assert_never

from relay.decoder.options import parse_options
from relay.decoder.parts import Part, number_in, quote
from relay.decoder.presets import PREFIX, PRESETS
from relay.decoder.read import MOST_SIGNIFICANT_BIT, Bits, Endian, Kind, Shape, Value, cut, interpret
from relay.decoder.refinement import PLAIN, Refinement
from relay.errors import Sentence, sentence

# A Sigfox payload is shorter, but formats for more bytes are in use.
MAX_TEXT_LENGTH = 4096
MAX_FIELDS = 128
MAX_BYTES = 1024
MAX_INTEGER_BITS = 64

MOST_PAYLOAD_BYTES = 12

_EXAMPLES = {
    Kind.BOOL: "bool:7",
    Kind.CHAR: "char:8",
    Kind.FLOAT: "float:32",
    Kind.INT: "int:16",
    Kind.UINT: "uint:8",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A named shape at its place in the payload; bytes count from 0."""

    name: str
    first_byte: int
    shape: Shape
    refinement: Refinement = PLAIN

    @property
    def last_byte(self) -> int:
        """The last byte that holds a bit of the field."""
        return self.first_byte + self.shape.touched_bytes - 1


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
            Found(field=field, value=field.refinement.value(field.shape, bits))
            for field, bits in self._present(payload)
            if bits is not None
        ]

    def fits(self, payload: bytes) -> bool:
        """Whether nothing is missing that a message of Sigfox could hold."""
        return all(
            field.last_byte < len(payload)
            or field.refinement.may_end
            or field.last_byte >= MOST_PAYLOAD_BYTES
            for field, _ in self._present(payload)
        )

    def _present(self, payload: bytes) -> Iterator[tuple[Field, Bits | None]]:
        """The fields whose condition holds, with their bits as far as they are there."""
        numbers: dict[str, int] = {}
        for field in self.fields:
            condition = field.refinement.condition
            if condition is None or condition.holds(payload, numbers):
                bits = cut(field.shape, field.first_byte, payload)
                if bits is not None and isinstance(number := interpret(field.shape, bits), int):
                    numbers[field.name] = number
                yield field, bits


@lru_cache(maxsize=256)  # a page reads all its messages by one grammar
def parse_grammar(text: str) -> Grammar:
    """Read the text of a grammar, or the name of a preset.

    Raises:
        GrammarError: It is neither; the column is that of the first part that is wrong or missing.
    """
    fields: list[Field] = []
    cursor = 0
    whole_numbers: set[str] = set()
    for word in _words(_preset_or(text)):
        field = _parse_field(word, cursor, whole_numbers)
        cursor = _cursor_behind(field)
        fields.append(field)
        if field.shape.kind in (Kind.BOOL, Kind.INT, Kind.UINT):
            whole_numbers.add(field.name)
    return Grammar(fields=tuple(fields))


def _preset_or(text: str) -> str:
    """The grammar of a preset that is named alone, or the text itself."""
    stripped = text.strip()
    if not stripped.startswith(PREFIX) or len(stripped) > MAX_TEXT_LENGTH:
        return text
    name = Part(stripped.removeprefix(PREFIX), text.index(PREFIX) + len(PREFIX) + 1)
    if name.text not in PRESETS:
        name.refuse(
            "there is no preset %(what)s; there are %(known)s",
            what=quote(name.text),
            known=", ".join(PRESETS),
        )
    return PRESETS[name.text].grammar


def _words(text: str) -> list[Part]:
    if len(text) > MAX_TEXT_LENGTH:
        Part("", MAX_TEXT_LENGTH + 1).refuse(
            "a grammar has at most %(most)s characters", most=MAX_TEXT_LENGTH
        )
    words = [Part(match.group(), match.start() + 1) for match in re.finditer(r"\S+", text)]
    if not words:
        Part("", 1).refuse("the grammar is empty; write fields such as `temperature::int:16`")
    if len(words) > MAX_FIELDS:
        words[MAX_FIELDS].refuse("a grammar has at most %(most)s fields", most=MAX_FIELDS)
    return words


def _cursor_behind(field: Field) -> int:
    return field.first_byte + (0 if field.shape.kind is Kind.BOOL else field.shape.touched_bytes)


def _parse_field(word: Part, cursor: int, whole_numbers: Container[str]) -> Field:
    name, *others = word.split(":")
    _check_name(name)
    if len(others) < 2:
        word.end.refuse(
            "%(what)s is not complete; write name:byte:type, as in `level::uint:8`", what=quote(word.text)
        )
    index, kind, *arguments = others
    first_byte = _first_byte(index) if index.text else cursor
    classic = list(takewhile(lambda part: "=" not in part.text, arguments))
    shape = _parse_shape(kind, classic)
    refinement = parse_options(arguments[len(classic) :], shape, whole_numbers, MAX_BYTES)
    return Field(name=name.text, first_byte=first_byte, shape=shape, refinement=refinement)


def _check_name(name: Part) -> None:
    if not name.text:
        name.refuse("the field has no name; write name:byte:type, as in `level::uint:8`")
    if strange := re.search(r"[^A-Za-z0-9_-]", name.text):
        bad = Part(strange.group(), name.column + strange.start())
        bad.refuse(
            "%(what)s cannot stand in a name; use letters A to Z, digits, `-` and `_`", what=quote(bad.text)
        )


def _first_byte(index: Part) -> int:
    number = number_in(index.text, range(MAX_BYTES))
    if number is None:
        index.refuse(
            "%(what)s is not the number of a byte; use 0 to %(last)s, or nothing, as in `level::uint:8`",
            what=quote(index.text),
            last=MAX_BYTES - 1,
        )
    return number


def _parse_shape(word: Part, arguments: list[Part]) -> Shape:
    kind = _kind(word)
    if not arguments:
        word.end.refuse("`%(kind)s` needs a number, as in `%(example)s`", kind=kind, example=_EXAMPLES[kind])
    first, *options = arguments
    match kind:
        case Kind.BOOL:
            return _parse_bool(first, options)
        case Kind.CHAR:
            return _parse_char(first, options)
        case Kind.FLOAT:
            return _parse_number(kind, _length(kind, first, (32, 64), sentence("32 or 64 bits")), options)
        case Kind.INT | Kind.UINT:
            allowed = range(1, MAX_INTEGER_BITS + 1)
            allowed_words = sentence("1 to %(most)s bits", most=MAX_INTEGER_BITS)
            return _parse_number(kind, _length(kind, first, allowed, allowed_words), options)
        case _:
            assert_never(kind)


def _kind(word: Part) -> Kind:
    try:
        return Kind(word.text)
    except ValueError:
        word.refuse("%(what)s is not a type; use bool, char, float, int or uint", what=quote(word.text))


def _parse_bool(bit: Part, options: list[Part]) -> Shape:
    start_bit = _bit(bit)
    _check_no_more(options)
    return Shape(kind=Kind.BOOL, length_bits=1, start_bit=start_bit)


def _parse_char(length: Part, options: list[Part]) -> Shape:
    allowed_words = sentence("1 to %(most)s bytes", most=MAX_BYTES)
    length_bytes = _length(Kind.CHAR, length, range(1, MAX_BYTES + 1), allowed_words)
    return Shape(kind=Kind.CHAR, length_bits=8 * length_bytes, start_bit=_start_bit(options))


def _parse_number(kind: Kind, length_bits: int, options: list[Part]) -> Shape:
    endian = Endian.BIG
    if options and not options[0].text.isdecimal():
        endian = _endian(options[0])
        options = options[1:]
    return Shape(kind=kind, length_bits=length_bits, endian=endian, start_bit=_start_bit(options))


def _length(kind: Kind, part: Part, allowed: Container[int], allowed_words: Sentence) -> int:
    number = number_in(part.text, allowed)
    if number is None:
        part.refuse(
            "%(what)s is not a length Sigfox knows; use %(allowed)s",
            what=quote(f"{kind}:{part.text}"),
            allowed=allowed_words,
        )
    return number


def _endian(part: Part) -> Endian:
    try:
        return Endian(part.text or Endian.BIG)
    except ValueError:
        part.refuse("%(what)s is not a byte order; use little-endian or big-endian", what=quote(part.text))


def _start_bit(options: list[Part]) -> int:
    if not options:
        return MOST_SIGNIFICANT_BIT
    start_bit = _bit(options[0])
    _check_no_more(options[1:])
    return start_bit


def _bit(part: Part) -> int:
    number = number_in(part.text, range(MOST_SIGNIFICANT_BIT + 1))
    if number is None:
        part.refuse(
            "%(what)s is not the number of a bit; use 7 (the most significant) to 0 (the least)",
            what=quote(part.text),
        )
    return number


def _check_no_more(options: list[Part]) -> None:
    if options:
        options[0].refuse("%(what)s is one part too many", what=quote(":" + options[0].text))
