"""The bytes of a payload beside what was read from them."""

from collections.abc import Sequence
from dataclasses import dataclass

from relay.decoder.display import ReadField

COLOURS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Byte:
    """One byte; `colour` is that of its first field, 0 for none, `names` are those of all its fields."""

    hex: str
    colour: int
    names: str
    begins: bool


def byte_view(data: str, fields: Sequence[ReadField]) -> list[Byte]:
    """The bytes of a payload in hex, each with its fields."""
    pairs = [data[at : at + 2] for at in range(0, len(data), 2)]
    return [_byte(index, pair, fields) for index, pair in enumerate(pairs)]


def field_colour(index: int) -> int:
    """The colour of a field by its place among the fields; neighbours differ."""
    return index % COLOURS + 1


def _byte(index: int, pair: str, fields: Sequence[ReadField]) -> Byte:
    here = [at for at, field in enumerate(fields) if field.first_byte <= index <= field.last_byte]
    first = here[0] if here else None
    return Byte(
        hex=pair,
        colour=0 if first is None else field_colour(first),
        names=", ".join(fields[at].name for at in here),
        begins=first is not None and fields[first].first_byte == index,
    )
