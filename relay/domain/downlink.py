"""Direct downlinks: the template of a device's 8 bytes, as in the Sigfox back-end."""

import enum
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from relay.errors import GrammarError, sentence

DOWNLINK_BYTES = 8

_PART = re.compile(r"\{[^{}]*\}|[0-9A-Fa-f]+")
_HEX = re.compile(r"[0-9A-Fa-f]+")


class Variable(enum.StrEnum):
    """What a template may fill in, as it is written there."""

    TIME = "{time}"
    TAP_ID = "{tapId}"
    RSSI = "{rssi}"

    @property
    def size_bytes(self) -> int:
        """How many of the 8 bytes it takes."""
        return 2 if self is Variable.RSSI else 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DownlinkTemplate:
    """Hex digits and variables that make exactly 8 bytes."""

    parts: tuple[str, ...]

    def render(self, time: int, rssi: float | None, station: str | None) -> str:
        """The downlink as 16 lower-case hex digits.

        `time` is Unix seconds (4 bytes), `rssi` dBm (2 bytes, signed), `station` a hex id (4 bytes), all
        big-endian. What is unknown is 0, as in the back-end; what does not fit becomes the nearest that does.
        """
        values = {
            Variable.TIME: _big_endian(time, 0, 2**32 - 1, 4),
            Variable.TAP_ID: _big_endian(_station_number(station), 0, 2**32 - 1, 4),
            Variable.RSSI: _big_endian(_nearest(rssi), -(2**15), 2**15 - 1, 2),
        }
        return "".join(values[part] if isinstance(part, Variable) else part for part in self.parts)


def parse_template(text: str) -> DownlinkTemplate:
    """Read a template such as `{time}0000{rssi}`.

    Raises:
        GrammarError: Something else than hex digits, `{time}`, `{tapId}` and `{rssi}`, half a byte, or not
            exactly 8 bytes.
    """
    placed = list(_parts(text))
    _check_size(text, placed)
    return DownlinkTemplate(parts=tuple(part for _, part in placed))


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """Each part with its column."""
    start = 0
    while start < len(text):
        found = _PART.match(text, start)
        if not found:
            wrong = sentence("only hex digits, {time}, {tapId} and {rssi} may stand here")
            raise GrammarError(wrong, start + 1)
        yield start + 1, _part(found[0], start + 1)
        start = found.end()


def _part(written: str, column: int) -> str:
    if written.startswith("{"):
        return _variable(written, column)
    if len(written) % 2:
        half = sentence("a byte is two hex digits; one digit is left over")
        raise GrammarError(half, column + len(written) - 1)
    return written.lower()


def _variable(written: str, column: int) -> Variable:
    try:
        return Variable(written)
    except ValueError:
        unknown = sentence("%(what)s is not known; there are {time}, {tapId} and {rssi}", what=written)
        raise GrammarError(unknown, column) from None


def _check_size(text: str, placed: list[tuple[int, str]]) -> None:
    total = 0
    overflow = None
    for column, part in placed:
        room = DOWNLINK_BYTES - total
        total += _size_bytes(part)
        if overflow is None and total > DOWNLINK_BYTES:
            overflow = column if isinstance(part, Variable) else column + 2 * room
    if total != DOWNLINK_BYTES:
        wrong = sentence(
            "this makes %(count)s bytes; a downlink needs exactly %(needed)s",
            count=total,
            needed=DOWNLINK_BYTES,
        )
        raise GrammarError(wrong, overflow or len(text) + 1)


def _size_bytes(part: str) -> int:
    return part.size_bytes if isinstance(part, Variable) else len(part) // 2


def _station_number(station: str | None) -> int:
    return int(station, 16) if station and _HEX.fullmatch(station) else 0


def _nearest(level: float | None) -> int:
    if level is None or math.isnan(level):
        return 0
    return round(max(-(2.0**15), min(level, 2.0**15)))


def _big_endian(value: int, lowest: int, highest: int, size_bytes: int) -> str:
    return max(lowest, min(value, highest)).to_bytes(size_bytes, "big", signed=lowest < 0).hex()
