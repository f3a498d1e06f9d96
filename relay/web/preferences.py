"""What a reader chose: language and colours, by `?lang=` and `?theme=` on any page, kept in cookies."""

import enum

from aiohttp import web
from aiohttp.typedefs import Handler

from relay.web.keys import CONFIG
from relay.web.language import choose_language

LANGUAGE = web.RequestKey("language", str)
THEME = web.RequestKey("theme", str)

_KEPT_SECONDS = 365 * 24 * 3600


class Theme(enum.StrEnum):
    """The colours of the pages."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@web.middleware
async def preferences(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say on the request what the reader chose, and keep a new choice."""
    request[LANGUAGE], request[THEME] = _language(request), _theme(request)
    response = await handler(request)
    for name, value in (("lang", request[LANGUAGE]), ("theme", request[THEME])):
        if request.query.get(name) == value:
            _keep(request, response, name, value)
    return response


def _language(request: web.Request) -> str:
    ui = request.app[CONFIG].ui
    return choose_language(
        asked=request.query.get("lang"),
        kept=request.cookies.get("lang"),
        accept=request.headers.get("Accept-Language", ""),
        offered=ui.languages,
        default=ui.default_language,
    )


def _theme(request: web.Request) -> str:
    wishes = (request.query.get("theme"), request.cookies.get("theme"))
    return next((wish for wish in wishes if wish in set(Theme)), Theme.SYSTEM)


def _keep(request: web.Request, response: web.StreamResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=_KEPT_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=request.app[CONFIG].public_url.startswith("https:"),
    )
