"""Reading payloads: a grammar (Sigfox's display type "custom") tells what the bytes mean."""

from relay.decoder.grammar import Grammar, parse_grammar
from relay.decoder.read import Endian, Field, Kind, Shape, Value

__all__ = ["Endian", "Field", "Grammar", "Kind", "Shape", "Value", "parse_grammar"]
