"""What a grammar can say, with examples that are read by the decoder itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from relay.decoder import parse_grammar
from relay.decoder.options import OPTIONS
from relay.decoder.presets import PREFIX, PRESETS, Preset
from relay.decoder.read import Kind, Value
from relay.web.catalogue import phrase

TYPES: Mapping[Kind, tuple[str, str]] = {
    Kind.BOOL: ("bool:0-7", phrase("one bit; 7 is the most significant")),
    Kind.CHAR: ("char:N", phrase("N bytes of text")),
    Kind.FLOAT: ("float:32 float:64", phrase("a number in IEEE 754")),
    Kind.INT: ("int:1-64", phrase("a whole number with a sign, of so many bits")),
    Kind.UINT: ("uint:1-64", phrase("a whole number without a sign, of so many bits")),
}
_OPTION_TEXTS: Mapping[str, str] = {
    "scale": phrase("multiplies a number"),
    "offset": phrase("is added to it, after the scale"),
    "unit": phrase("is shown behind the value"),
    "none": phrase("this number means that there is no value"),
    "words": phrase("words for 0, 1, 2, … of a uint"),
    "if": phrase(
        "the field is there only when that bit is 1 (byte.bit; with ! in front: 0), or when a field before "
        "it holds one of these numbers (name=1,2); if=here: the field may be missing"
    ),
}
_EXAMPLES = (
    ("temperature::int:8 humidity::uint:8", "152d"),
    ("t::int:16:little-endian:scale=0.5:unit=°C", "2c00"),
    ("door::bool:7 alarm::bool:6 count:1:uint:24", "40000102"),
    ("high:0:uint:4 low:0:uint:4::3", "a5"),
    ("level::float:32:little-endian:unit=m", "0000c03f"),
    ("text::char:5", "48656c6c6f"),
    ("voltage::uint:8:scale=0.1:unit=V:none=0xff", "ff"),
    ("kind::uint:8:words=boot,press count::uint:16:if=kind=1", "01012c"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A grammar, a payload in hex, and what the one says of the other."""

    grammar: str
    payload: str
    fields: Sequence[tuple[str, Value, str]]


def options() -> Mapping[str, str]:
    """What each option does, in the order in which the decoder names them."""
    return {name: _OPTION_TEXTS[name] for name in OPTIONS}


def examples() -> Iterator[Example]:
    """From the plainest on."""
    return (_example(grammar, payload) for grammar, payload in _EXAMPLES)


def presets() -> Iterator[tuple[Preset, Example]]:
    """Each preset with its grammar written out."""
    return ((preset, _example(PREFIX + preset.name, preset.example)) for preset in PRESETS.values())


def _example(grammar: str, payload: str) -> Example:
    found = parse_grammar(grammar).read(bytes.fromhex(payload))
    fields = [(each.field.name, each.value, each.field.refinement.unit or "") for each in found]
    return Example(grammar=grammar, payload=payload, fields=fields)
