"""What the relay's own options make of a field's bits: a scale, words, nothing at all."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from relay.decoder.read import Bits, Shape, Value, interpret, unsigned

ONE = Decimal(1)
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BitIs:
    """The field is there when one bit of the payload says so; bit 7 is the most significant."""

    byte: int
    bit: int
    wanted: bool

    def holds(self, payload: bytes, _numbers: Mapping[str, int]) -> bool:
        """Whether it does."""
        return self.byte < len(payload) and bool(payload[self.byte] >> self.bit & 1) is self.wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberIs:
    """The field is there when a field before it holds one of these numbers, before scale and words."""

    field: str
    numbers: frozenset[int]

    def holds(self, _payload: bytes, numbers: Mapping[str, int]) -> bool:
        """Whether it does."""
        return numbers.get(self.field) in self.numbers


Condition = BitIs | NumberIs


@dataclass(frozen=True, slots=True, kw_only=True)
class Refinement:
    """The options of one field.

    `none` is the bit pattern, as a number without sign, that means "no value". A field that `may_end` before
    is not missed in a payload that is too short for it.
    """

    scale: Decimal = ONE
    offset: Decimal = ZERO
    unit: str = ""
    none: int | None = None
    words: tuple[str, ...] = ()
    condition: Condition | None = None
    may_end: bool = False

    def value(self, shape: Shape, bits: Bits) -> Value:
        """What the bits say."""
        if self.none is not None and unsigned(bits, shape.endian) == self.none:
            return None
        read = interpret(shape, bits)
        if not isinstance(read, int | float) or isinstance(read, bool):
            return read
        if self.words and isinstance(read, int) and read < len(self.words):
            return self.words[read]
        return self._scaled(read)

    def _scaled(self, read: float) -> float | None:
        """Decimal, so that 231 times 0.1 is 23.1; whole numbers stay whole where nothing breaks them."""
        if (self.scale, self.offset) == (ONE, ZERO):
            return read
        if isinstance(read, int) and _is_whole(self.scale) and _is_whole(self.offset):
            return read * int(self.scale) + int(self.offset)
        scaled = float(Decimal(read) * self.scale + self.offset)
        return scaled if math.isfinite(scaled) else None


PLAIN = Refinement()
"""Of a field without options: Sigfox's own grammar."""


def _is_whole(number: Decimal) -> bool:
    return number == number.to_integral_value()
