"""Reading payloads: a grammar (Sigfox's display type "custom") tells what the bytes mean."""

from relay.decoder.display import Fault, ReadField, Reading, read_payload
from relay.decoder.grammar import Field, Grammar, parse_grammar
from relay.decoder.presets import PRESETS, Preset
from relay.decoder.read import Endian, Kind, Shape, Value

__all__ = [
    "PRESETS",
    "Endian",
    "Fault",
    "Field",
    "Grammar",
    "Kind",
    "Preset",
    "ReadField",
    "Reading",
    "Shape",
    "Value",
    "parse_grammar",
    "read_payload",
]
