"""Pieces of a grammar's text, each with its column."""

import re
from collections.abc import Container
from dataclasses import dataclass
from typing import NoReturn

from relay.decoder.read import printable
from relay.errors import GrammarError, Sentence

_LONGEST_QUOTE = 40


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the text; `column` counts from 1."""

    text: str
    column: int

    @property
    def end(self) -> "Part":
        """The empty place behind this part, where something is missing."""
        return Part("", self.column + len(self.text))

    def split(self, separator: str) -> "list[Part]":
        """The parts between separators."""
        parts: list[Part] = []
        column = self.column
        for text in self.text.split(separator):
            parts.append(Part(text, column))
            column += len(text) + len(separator)
        return parts

    def behind(self, characters: int) -> "Part":
        """The rest of it."""
        return Part(self.text[characters:], self.column + characters)

    def refuse(self, text: str, /, **values: object) -> NoReturn:
        """Say that this part is wrong, by a sentence for the catalogues."""
        raise GrammarError(Sentence(text, values), self.column)


def number_in(text: str, allowed: Container[int]) -> int | None:
    """The number that the ASCII digits say, if it is allowed; `int` alone would take `+1`, `1_0` and `١`."""
    if not re.fullmatch(r"[0-9]{1,4}", text) or int(text) not in allowed:
        return None
    return int(text)


def quote(text: str) -> str:
    """The text fit for a message: one short line of printable characters."""
    short = text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…"
    return f"`{printable(short)}`"
