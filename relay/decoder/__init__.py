"""Reading payloads: a grammar (Sigfox's display type "custom") tells what the bytes mean."""

from relay.decoder.display import Fault, ReadField, Reading, field_names, read_payload, read_values
from relay.decoder.grammar import Field, Grammar, parse_grammar
from relay.decoder.presets import PRESETS, Preset
from relay.decoder.read import Endian, Kind, Shape, Value
from relay.decoder.search import Search, parse_search

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
    "Search",
    "Shape",
    "Value",
    "field_names",
    "parse_grammar",
    "parse_search",
    "read_payload",
    "read_values",
]
