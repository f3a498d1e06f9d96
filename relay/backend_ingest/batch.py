"""Batch callbacks: many data messages in one request, a line each.

Source: Sigfox's BATCH_URL callbacks with their linePattern. That lines end with a newline is inferred; no
document says it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from relay.backend_ingest.callback import parse_callback
from relay.backend_ingest.names import merge, understood_name
from relay.domain.line_pattern import DEFAULT_PATTERN, LinePattern
from relay.domain.uplink import Kind, Uplink
from relay.errors import CallbackError

_USUAL_NAMES = frozenset({"batch", "data", "var", "text"})
_LINE_END = re.compile(r"\r\n|\r|\n")
_SHORT_LINES = re.compile(r"(?:[0-9A-Fa-f]{1,8};[0-9]{9,10};[0-9A-Fa-f]{0,24};)+")
_SHORT_PATTERN = LinePattern.parse("{device};{time};{data};")


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFault:
    """A message of a batch that cannot be taken; `position` counts the batch's messages from 1."""

    position: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch as read: one wrong line costs none of the others."""

    uplinks: tuple[Uplink, ...]
    faults: tuple[BatchFault, ...] = ()


def parse_batch(
    fields: Mapping[str, object], now: float, pattern: LinePattern = DEFAULT_PATTERN, parameter: str = ""
) -> Batch:
    """Read a whole batch.

    Raises:
        CallbackError: There are no lines, or none of them can be taken.
    """
    uplinks, faults = [], []
    for position, line in enumerate(read_batch(fields, pattern, parameter), start=1):
        try:
            uplinks.append(parse_callback(Kind.DATA, line, now))
        except CallbackError as error:
            faults.append(BatchFault(position=position, reason=str(error)))
    if not uplinks:
        raise CallbackError(f"batch: no line can be taken; the first: {faults[0].reason}")
    return Batch(uplinks=tuple(uplinks), faults=tuple(faults))


def read_batch(
    fields: Mapping[str, object], pattern: LinePattern = DEFAULT_PATTERN, parameter: str = ""
) -> list[dict[str, object]]:
    """The fields of each message, in order, for `parse_callback`.

    `parameter` names the one that holds the lines; without a name they are looked for.

    Raises:
        CallbackError: No parameter holds lines.
    """
    given = _named(fields, parameter) if parameter else _lines_of(fields, pattern)
    lines = (line.strip() for line in _LINE_END.split(given))
    messages = [merge(message.items()) for line in lines for message in _of_line(line, pattern).read(line)]
    if not messages:
        raise CallbackError("batch: no lines")
    return messages


def _of_line(line: str, pattern: LinePattern) -> LinePattern:
    """Where none was set, Sigfox's own example is read as well, of which many may stand in one line."""
    return _SHORT_PATTERN if pattern == DEFAULT_PATTERN and _SHORT_LINES.fullmatch(line) else pattern


def _named(fields: Mapping[str, object], parameter: str) -> str:
    value = fields.get(understood_name(parameter))
    if not isinstance(value, str):
        raise CallbackError(f"batch: no parameter {parameter}")
    return value


def _lines_of(fields: Mapping[str, object], pattern: LinePattern) -> str:
    """The parameter's name is the operator's own: a usual one that looks right, else another."""
    names = sorted(fields, key=lambda name: name not in _USUAL_NAMES)
    texts = [value for name in names if isinstance(value := fields[name], str) and value.strip()]
    return next((text for text in texts if pattern.separator in text), texts[0] if texts else "")
