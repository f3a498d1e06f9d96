"""Reading the bits of a field: which bits of the payload it takes, and what they mean."""

import enum
import math
import struct
from dataclasses import dataclass
from typing import assert_never

MOST_SIGNIFICANT_BIT = 7

Value = bool | int | float | str | None


class Kind(enum.StrEnum):
    """What the bits of a field mean; the values are the words of the grammar."""

    BOOL = "bool"
    CHAR = "char"
    FLOAT = "float"
    INT = "int"
    UINT = "uint"


class Endian(enum.StrEnum):
    """Which byte of a number comes first; the values are the words of the grammar."""

    BIG = "big-endian"
    LITTLE = "little-endian"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What a field looks like wherever it stands.

    It begins at bit `start_bit` of its first byte (7 is the most significant) and runs on over the
    following bytes, each from its most significant bit.
    """

    kind: Kind
    length_bits: int
    endian: Endian = Endian.BIG
    start_bit: int = MOST_SIGNIFICANT_BIT

    @property
    def skipped_bits(self) -> int:
        """How many bits of the first byte stand before the field."""
        return MOST_SIGNIFICANT_BIT - self.start_bit

    @property
    def touched_bytes(self) -> int:
        """How many bytes hold at least one bit of the field."""
        return -(-(self.skipped_bits + self.length_bits) // 8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bits:
    """A run of bits, as a number with the first bit the most significant."""

    number: int
    length: int

    def to_bytes(self) -> bytes:
        """The same bits as bytes; only for a length that is a multiple of 8."""
        return self.number.to_bytes(self.length // 8, "big")


def cut(shape: Shape, first_byte: int, payload: bytes) -> Bits | None:
    """Take the bits of a shape out of `payload`; `None` when they are not all there.

    Text is the exception: it is cut to the whole characters that are there, if any.
    """
    chunk = payload[first_byte : first_byte + shape.touched_bytes]
    present = 8 * len(chunk) - shape.skipped_bits
    length = _usable_length(shape, present)
    if length == 0:
        return None
    number = int.from_bytes(chunk, "big") >> (present - length)
    return Bits(number=number & ((1 << length) - 1), length=length)


def _usable_length(shape: Shape, present_bits: int) -> int:
    if present_bits >= shape.length_bits:
        return shape.length_bits
    if shape.kind is Kind.CHAR and present_bits > 0:
        return present_bits // 8 * 8
    return 0


def interpret(shape: Shape, bits: Bits) -> Value:
    """Give the value of bits that `cut` found; what JSON cannot say (NaN, infinity) is `None`."""
    match shape.kind:
        case Kind.BOOL:
            return bits.number == 1
        case Kind.CHAR:
            return _text(bits.to_bytes())
        case Kind.FLOAT:
            return _float(bits.to_bytes(), shape.endian)
        case Kind.UINT:
            return unsigned(bits, shape.endian)
        case Kind.INT:
            return _signed(unsigned(bits, shape.endian), bits.length)
        case _:
            assert_never(shape.kind)


def _text(raw: bytes) -> str:
    """Text that is safe to show: NULs that fill up the end are dropped, and whatever is not printable
    UTF-8 becomes U+FFFD. Sigfox does not say what it does with such bytes."""
    return printable(raw.rstrip(b"\0").decode("utf-8", errors="replace"))


def printable(text: str) -> str:
    """The text with U+FFFD for each character that is not printable (control, format, surrogate ...)."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def _float(raw: bytes, endian: Endian) -> float | None:
    order = ">" if endian is Endian.BIG else "<"
    width = "f" if len(raw) == 4 else "d"
    value: float = struct.unpack(order + width, raw)[0]
    return value if math.isfinite(value) else None


def unsigned(bits: Bits, endian: Endian) -> int:
    """The bits as a number without sign."""
    return bits.number if endian is Endian.BIG else _least_significant_byte_first(bits)


def _least_significant_byte_first(bits: Bits) -> int:
    """Cut the run into groups of 8 from its beginning; the first group is the least significant.

    The last group is shorter when the length is no multiple of 8, a case that Sigfox does not define.
    """
    whole_bytes, rest_bits = divmod(bits.length, 8)
    rest = bits.number & ((1 << rest_bits) - 1)
    whole = (bits.number >> rest_bits).to_bytes(whole_bytes, "big")
    return rest << (8 * whole_bytes) | int.from_bytes(whole, "little")


def _signed(number: int, length_bits: int) -> int:
    return number - (1 << length_bits) if number >> (length_bits - 1) else number
