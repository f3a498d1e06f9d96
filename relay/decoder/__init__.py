"""Reading payloads: a grammar (Sigfox's display type "custom") tells what the bytes mean."""

from relay.decoder.display import Fault, ReadField, Reading, read_payload
from relay.decoder.grammar import Grammar, parse_grammar
from relay.decoder.read import Endian, Field, Kind, Shape, Value

__all__ = [
    "Endian",
    "Fault",
    "Field",
    "Grammar",
    "Kind",
    "ReadField",
    "Reading",
    "Shape",
    "Value",
    "parse_grammar",
    "read_payload",
]
