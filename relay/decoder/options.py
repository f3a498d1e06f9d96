"""The text of the relay's own options, which may follow a field's type: `:scale=0.1:unit=V:none=0xff`."""

import re
from collections.abc import Container, Sequence
from decimal import Decimal
from typing import Any

from relay.decoder.parts import Part, number_in, quote
from relay.decoder.read import MOST_SIGNIFICANT_BIT, Kind, Shape
from relay.decoder.refinement import PLAIN, BitIs, Condition, NumberIs, Refinement

LONGEST_UNIT = 16
LONGEST_WORD = 40
MOST_WORDS = 64
MOST_NUMBERS = 64

_NUMBER_KINDS = (Kind.FLOAT, Kind.INT, Kind.UINT)
OPTIONS: dict[str, Sequence[Kind]] = {
    "scale": _NUMBER_KINDS,
    "offset": _NUMBER_KINDS,
    "unit": tuple(Kind),
    "none": (Kind.INT, Kind.UINT),
    "words": (Kind.UINT,),
    "if": tuple(Kind),
}
_HERE = "here"


def parse_options(
    options: Sequence[Part], shape: Shape, before: Container[str], bytes_end: int
) -> Refinement:
    """Read the options of a field; `before` are the names of whole numbers in front of it.

    Raises:
        GrammarError: An option is not known, wrong, stands twice, or makes no sense for the type.
    """
    if not options:
        return PLAIN
    found: dict[str, Any] = {}
    seen: set[str] = set()
    for option in options:
        key, separator, _ = option.text.partition("=")
        _check_key(option, key, separator, shape.kind, seen)
        seen.add(key)
        found |= _parse_one(key, option.behind(len(key) + 1), shape, before, bytes_end)
    return Refinement(**found)


def _check_key(option: Part, key: str, separator: str, kind: Kind, seen: Container[str]) -> None:
    if not separator:
        option.refuse("%(what)s is one part too many", what=quote(":" + option.text))
    if key not in OPTIONS:
        option.refuse("%(what)s is no option; there are %(known)s", what=quote(key), known=", ".join(OPTIONS))
    if kind not in OPTIONS[key]:
        option.refuse(
            "`%(option)s` is for %(kinds)s, not for %(kind)s",
            option=key,
            kinds=", ".join(OPTIONS[key]),
            kind=kind,
        )
    if key in seen:
        option.refuse("`%(option)s` stands here twice", option=key)


def _parse_one(key: str, value: Part, shape: Shape, before: Container[str], bytes_end: int) -> dict[str, Any]:
    match key:
        case "scale" | "offset":
            return {key: _decimal(key, value)}
        case "unit":
            return {"unit": _unit(value)}
        case "none":
            return {"none": _pattern(value, shape)}
        case "words":
            return {"words": _words(value)}
        case _:
            return (
                {"may_end": True}
                if value.text == _HERE
                else {"condition": _condition(value, before, bytes_end)}
            )


def _decimal(key: str, value: Part) -> Decimal:
    if not re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,12})?", value.text, re.ASCII):
        value.refuse("%(what)s is not a number such as 0.5 or -28", what=quote(value.text))
    number = Decimal(value.text)
    if key == "scale" and not number:
        value.refuse("a scale of 0 would make everything 0")
    return number


def _unit(value: Part) -> str:
    if not (1 <= len(value.text) <= LONGEST_UNIT and value.text.isprintable()):
        value.refuse(
            "%(what)s is not a unit of 1 to %(most)s characters, such as °C",
            what=quote(value.text),
            most=LONGEST_UNIT,
        )
    return value.text


def _pattern(value: Part, shape: Shape) -> int:
    """`0xff` is what the bits look like, `-1` what they say."""
    bits, text = shape.length_bits, value.text
    number: int | None = None
    if re.fullmatch(r"0x[0-9A-Fa-f]{1,16}", text):
        number = int(text, 16)
    elif re.fullmatch(r"-[0-9]{1,20}", text) and shape.kind is Kind.INT:
        number = int(text) + (1 << bits) if -int(text) <= 1 << (bits - 1) else None
    elif re.fullmatch(r"[0-9]{1,20}", text) and int(text) < 1 << (bits - (shape.kind is Kind.INT)):
        number = int(text)
    if number is None or number >> bits:
        value.refuse(
            "%(what)s cannot stand in %(type)s; write 0xff or 255, for example",
            what=quote(text),
            type=f"{shape.kind}:{bits}",
        )
    return number


def _words(value: Part) -> tuple[str, ...]:
    words = value.split(",")
    if len(words) > MOST_WORDS:
        words[MOST_WORDS].refuse("there may be %(most)s words", most=MOST_WORDS)
    for word in words:
        if not (1 <= len(word.text) <= LONGEST_WORD and word.text.isprintable()):
            word.refuse(
                "%(what)s is not a word of 1 to %(most)s characters", what=quote(word.text), most=LONGEST_WORD
            )
    return tuple(word.text for word in words)


def _condition(value: Part, before: Container[str], bytes_end: int) -> Condition:
    if "=" in value.text:
        return _number_is(value, before)
    wanted = not value.text.startswith("!")
    place = value if wanted else value.behind(1)
    byte_text, _, bit_text = place.text.partition(".")
    byte = number_in(byte_text, range(bytes_end))
    bit = number_in(bit_text, range(MOST_SIGNIFICANT_BIT + 1))
    if byte is None or bit is None:
        value.refuse(
            "%(what)s is no condition; write if=0.7 (byte and bit), if=!0.7, if=kind=2 or if=here",
            what=quote(value.text),
        )
    return BitIs(byte=byte, bit=bit, wanted=wanted)


def _number_is(value: Part, before: Container[str]) -> NumberIs:
    name, _, _ = value.text.partition("=")
    if name not in before:
        value.refuse("%(what)s is no whole number or bool that stands before this field", what=quote(name))
    parts = value.behind(len(name) + 1).split(",")
    if len(parts) > MOST_NUMBERS:
        parts[MOST_NUMBERS].refuse("there may be %(most)s numbers", most=MOST_NUMBERS)
    return NumberIs(field=name, numbers=frozenset(_whole(part) for part in parts))


def _whole(part: Part) -> int:
    if not re.fullmatch(r"-?[0-9]{1,20}", part.text):
        part.refuse("%(what)s is not a whole number", what=quote(part.text))
    return int(part.text)
