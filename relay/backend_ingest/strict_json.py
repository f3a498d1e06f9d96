"""JSON as RFC 8259 means it: what Python's reader lets pass beyond it is refused."""

import json
import re
from collections.abc import Iterator
from typing import NoReturn

from relay.errors import CallbackError

MAX_DEPTH = 16

# A string that is never closed runs to the end; all repeats are possessive, so a hostile text costs one pass.
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
# No database holds U+0000 in text everywhere, and half of a surrogate pair is no character.
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def read_json(text: str) -> object:
    """Read one JSON value.

    Raises:
        CallbackError: It is not JSON, or has NaN, Infinity, a key twice in one object, U+0000, half a
            surrogate pair, an integer that Python will not read, or is deeper than `MAX_DEPTH`.
    """
    if text.count("{") + text.count("[") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise CallbackError(f"JSON: nested deeper than {MAX_DEPTH}")
    try:
        value: object = _QUICK.decode(text)
        if not (
            isinstance(value, dict) and text.count(":") == len(value)
        ):  # as many colons as keys: none came twice
            value = _STRICT.decode(text)
    except ValueError as error:
        raise CallbackError("JSON: malformed") from error
    if "\\u" in text and any(_NO_TEXT.search(each) for each in _strings(value)):
        raise CallbackError("JSON: has U+0000 or half a surrogate pair")
    return value


def _depth(text: str) -> int:
    """The deepest nesting, found without recursion so that the real reader cannot run out of stack."""
    deepest = level = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        level += 1 if bracket in "[{" else -1
        deepest = max(deepest, level)
    return deepest


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    unique = dict(pairs)
    if len(unique) < len(pairs):
        raise CallbackError("JSON: a key comes twice in one object")
    return unique


def _refuse_constant(name: str) -> NoReturn:
    raise CallbackError(f"JSON: {name} is not JSON")


_QUICK = json.JSONDecoder(parse_constant=_refuse_constant)
_STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, dict):
        yield from value
        yield from _strings([*value.values()])
