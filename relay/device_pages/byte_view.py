"""The bytes of a payload beside what was read from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from relay.decoder.display import ReadField

COLOURS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ByteGroup:
    """Neighbouring bytes of the same fields; `colour` is that of the first field, 0 for none."""

    bytes: Sequence[str]
    colour: int
    names: str


def byte_view(data: str, fields: Sequence[ReadField]) -> list[ByteGroup]:
    """The bytes of a payload in hex, by the fields to which they belong."""
    indices = range(len(data) // 2)
    return [
        ByteGroup(
            bytes=[data[2 * index : 2 * index + 2] for index in group],
            colour=field_colour(here[0]) if here else 0,
            names=", ".join(fields[at].name for at in here),
        )
        for here, group in groupby(indices, lambda index: _fields_at(index, fields))
    ]


def field_colour(index: int) -> int:
    """The colour of a field by its place among the fields; neighbours differ."""
    return index % COLOURS + 1


def _fields_at(index: int, fields: Sequence[ReadField]) -> list[int]:
    return [at for at, field in enumerate(fields) if field.first_byte <= index <= field.last_byte]
