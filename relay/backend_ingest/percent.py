"""Percent-encoded parameters, as in a query or a form body, read strictly."""

import re
from urllib.parse import unquote_to_bytes

from relay.errors import CallbackError

MAX_PARAMETERS = 256

_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


def read_parameters(encoded: str) -> list[tuple[str, str]]:
    """Read `a=1&b=2` into pairs, in order; `+` is a space, a name without `=` has an empty value.

    Raises:
        CallbackError: A broken escape, bytes that are not UTF-8, U+0000, or too many parameters.
    """
    parts = [part for part in encoded.split("&") if part]
    if len(parts) > MAX_PARAMETERS:
        raise CallbackError(f"more than {MAX_PARAMETERS} parameters")
    return [_pair(part) for part in parts]


def _pair(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return _unescape(name), _unescape(value)


def _unescape(encoded: str) -> str:
    if _BROKEN_ESCAPE.search(encoded):
        raise CallbackError("a % is not followed by two hex digits")
    try:
        # aiohttp hands on bytes that are not UTF-8 as lone surrogates
        octets = encoded.replace("+", " ").encode("utf-8", "surrogateescape")
        text = unquote_to_bytes(octets).decode("utf-8")
    except UnicodeError as error:
        raise CallbackError("a parameter is not UTF-8") from error
    if "\0" in text:
        raise CallbackError("a parameter holds U+0000")
    return text
