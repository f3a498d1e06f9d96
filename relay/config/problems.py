"""What is wrong with a configuration, and where, one line each."""

import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relay.config.durations import FORM
from relay.config.keys import KeyPath, key_meant, variable_name
from relay.config.quote import plain, quote
from relay.config.secret_text import HOW_TO_MAKE_ONE
from relay.errors import ConfigError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class Origin(enum.IntEnum):
    """Where a value comes from, in the order in which problems are listed."""

    FILE_LINE = 1
    FILE = 2
    ELSEWHERE = 3


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a value stands; the name of a place `ELSEWHERE` tells its key already."""

    origin: Origin
    line: int
    name: str

    def __str__(self) -> str:
        return f"{self.name}:{self.line}" if self.origin is Origin.FILE_LINE else self.name


def file_line(name: str, line: int) -> Place:
    return Place(Origin.FILE_LINE, line, name)


def whole_file(name: str) -> Place:
    return Place(Origin.FILE, 0, name)


def elsewhere(name: str) -> Place:
    return Place(Origin.ELSEWHERE, 0, name)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault; `key` is empty where there is none to name."""

    place: Place
    key: str
    text: str

    def __str__(self) -> str:
        key = "" if self.place.origin is Origin.ELSEWHERE else self.key
        return plain(": ".join(filter(None, (str(self.place), key, self.text))))


def config_error(problems: Iterable[Problem]) -> ConfigError:
    """One error that tells all problems, those of the file first and in the order of its lines."""
    return ConfigError("\n".join(map(str, sorted(problems))))


def explain(error: "ErrorDetails", places: Mapping[KeyPath, Place]) -> Problem:
    """Say in a person's words what pydantic found; `places[()]` is where a key without a place belongs."""
    loc = error["loc"]
    path = tuple(part for part in loc if isinstance(part, str))
    entries = "".join(f"entry {part + 1}: " for part in loc if isinstance(part, int))
    return Problem(_place_of(loc, places), ".".join(path), entries + _sentence(error, path))


def _place_of(loc: KeyPath, places: Mapping[KeyPath, Place]) -> Place:
    return next(places[loc[:size]] for size in range(len(loc), -1, -1) if loc[:size] in places)


_SENTENCES = {
    "string_type": "should be one value, not a list or a group of keys",
    "string_unicode": "should be text in UTF-8",
    "float_type": f"should be {FORM}",
    "int_parsing": "should be a whole number",
    "int_parsing_size": "should be a whole number, and not such a long one",
    "int_type": "should be a whole number",
    "int_from_float": "should be a whole number",
    "bool_parsing": "should be true or false",
    "bool_type": "should be true or false",
    "tuple_type": "should be a list: write [one, two], or each on its own line after a dash",
    "model_type": "should be a group of keys, each on its own indented line",
}


def _sentence(error: "ErrorDetails", path: tuple[str, ...]) -> str:
    match error["type"]:
        case "missing":
            return _missing(path)
        case "extra_forbidden":
            return _unknown(path)
        case "value_error":
            return str(error["ctx"]["error"])
        case "too_short" if path in _REQUIRED:
            return _missing(path)
        case kind:
            return _SENTENCES.get(kind, error["msg"].removeprefix("Input "))


_REQUIRED = {
    ("secret_key",): "it seals what the database holds",
    ("sigfox", "secrets"): "by it the relay knows callbacks of your Sigfox account",
}


def _missing(path: tuple[str, ...]) -> str:
    variable = variable_name(path)
    return (
        f"is required: {_REQUIRED[path]}; make one with {HOW_TO_MAKE_ONE}"
        f" and put it in the configuration file, in {variable}, or in a file named by {variable}_FILE"
    )


def _unknown(path: tuple[str, ...]) -> str:
    meant = key_meant(path)
    return "no such key" + (f": did you mean {quote(meant)}?" if meant else "")
