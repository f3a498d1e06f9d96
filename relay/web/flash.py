"""What is said once, on the page that follows a post."""

import json
from dataclasses import dataclass

from aiohttp import web

from relay.web.sealed_cookie import SealedCookie

_COOKIE = SealedCookie(name="flash", valid_seconds=120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flash:
    """One sentence in the reader's language; `kind` is `good`, `warning` or `bad`."""

    kind: str
    text: str


def put_flash(request: web.Request, response: web.Response, text: str, kind: str = "good") -> web.Response:
    """Say this on the next page."""
    _COOKIE.write(request, response, json.dumps([kind, text]))
    return response


def read_flash(request: web.Request) -> Flash | None:
    """What the last post had to say."""
    text = _COOKIE.read(request)
    if text is None:
        return None
    kind, sentence = json.loads(text)
    return Flash(kind=kind, text=sentence)


def drop_flash(request: web.Request, response: web.Response) -> None:
    """It was said."""
    _COOKIE.delete(request, response)
