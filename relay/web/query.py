"""Filters and places in a list, as they stand in a page's address."""

from collections.abc import Mapping
from urllib.parse import urlencode

from aiohttp import web

_MOST_DIGITS = 18
"""Fits into the 64 bits that both databases have for an id."""


def changed_query(request: web.Request, **changes: object) -> str:
    """This page's address with some parts of its query changed; None takes one out."""
    query = {key: value for key, value in request.query.items() if key not in {"lang", "theme"}}
    return address(request.path, {**query, **changes})


def address(path: str, query: Mapping[str, object]) -> str:
    """A path with a query; what is None or empty is left out."""
    kept = {key: value for key, value in query.items() if value is not None and value != ""}
    return f"{path}?{urlencode(kept)}" if kept else path


def read_id(text: str) -> int | None:
    """A row's id as it stands in an address or a form; None when it cannot be one."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else None
