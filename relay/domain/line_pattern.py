"""The pattern of a batch's lines, as the operator typed it at Sigfox: `{device};{time};{data}`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from relay.errors import GrammarError, sentence

_VARIABLE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePattern:
    """What stands before the first variable, and each variable with the separator behind it."""

    text: str
    prefix: str
    columns: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a pattern.

        Raises:
            GrammarError: There is no `{device}`, or nothing stands between two variables.
        """
        prefix, *rest = _VARIABLE.split(text)
        columns = tuple(zip(rest[::2], rest[1::2], strict=True))
        if "device" not in rest[::2]:
            raise GrammarError(sentence("a line pattern needs {device}"), 1)
        if touching := text.find("}{") + 1:
            raise GrammarError(sentence("nothing separates two variables"), touching + 1)
        return cls(text=text, prefix=prefix, columns=columns)

    def __str__(self) -> str:
        return self.text

    def read(self, line: str) -> Iterator[dict[str, str]]:
        """The fields of each message in a line; columns that are missing at its end are left out.

        When the pattern ends with a separator, several messages may follow each other in one line.
        """
        rest: str | None = line
        while rest:
            fields, rest = self._read_one(rest)
            yield fields

    def _read_one(self, line: str) -> tuple[dict[str, str], str | None]:
        rest: str | None = line.removeprefix(self.prefix)
        fields: dict[str, str] = {}
        for name, separator in self.columns:
            if rest is None:
                break
            fields[name], rest = _cut(rest, separator or self._last_separator)
        return fields, rest if self.columns[-1][1] else None

    @property
    def separator(self) -> str:
        """What stands behind the first variable, or nothing in a pattern of one variable."""
        return self.columns[0][1]

    @property
    def _last_separator(self) -> str:
        return next((separator for _, separator in reversed(self.columns) if separator), "")


def _cut(text: str, separator: str) -> tuple[str, str | None]:
    """The text before the separator and the one behind it, which is None when there is no separator."""
    before, found, behind = text.partition(separator) if separator else (text, "", "")
    return before.strip(), behind if found else None


DEFAULT_PATTERN = LinePattern.parse("{device};{time};{data};{seqNumber};{rssi};{snr};{ack}")
