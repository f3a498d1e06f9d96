"""What is shown when something went wrong."""

import logging
import math
from collections.abc import Mapping
from gettext import GNUTranslations

from aiohttp import web
from aiohttp.typedefs import Handler

from relay.errors import StoreUnavailable
from relay.web.catalogue import phrase
from relay.web.negotiation import prefers_json
from relay.web.pages import render, words_of
from relay.web.request_id import REQUEST_ID

_log = logging.getLogger(__name__)

_RETRY_AFTER_SECONDS = 60
_KEPT_HEADERS = ("Allow", "Retry-After")

# What happened, and what to do.
_SENTENCES: Mapping[int, tuple[str, str]] = {
    400: (
        phrase("We could not read this request"),
        phrase("Something in it is broken or there twice. Go back, reload the page and send it again."),
    ),
    403: (
        phrase("This request came from another website"),
        phrase("To protect you we take forms only from our own pages. Open the page here and send it again."),
    ),
    404: (
        phrase("There is no such page"),
        phrase("Check the address for a typing error, or begin on the home page."),
    ),
    405: (
        phrase("This page cannot be used in that way"),
        phrase("Open it from the home page and follow the form."),
    ),
    408: (
        phrase("Your request took too long to arrive"),
        phrase("Your connection may be slow. Send it again."),
    ),
    413: (
        phrase("This is more than we take"),
        phrase("A form here holds at most 16 kB. Shorten what you entered and send it again."),
    ),
    415: (
        phrase("We do not understand this kind of data"),
        phrase("Send it as an ordinary web form (application/x-www-form-urlencoded in UTF-8)."),
    ),
    429: (
        phrase("Too many attempts"),
        phrase("Wait a while, then try again."),
    ),
    500: (
        phrase("Something went wrong on our side"),
        phrase("It is in our log. Try again in a while; what was saved before is safe."),
    ),
    503: (
        phrase("We cannot save anything right now"),
        phrase("Nothing was changed. Try again in a minute."),
    ),
}


@web.middleware
async def error_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every failure with a page that says what to do, and never with a traceback."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        return _page_of(request, error)
    except StoreUnavailable:
        _log.warning("request.not_saved", extra=_facts(request))
        return error_page(request, 503, {"Retry-After": str(_RETRY_AFTER_SECONDS)})
    except Exception:
        _log.exception("request.failed", extra=_facts(request))
        return error_page(request, 500, {})


def error_page(request: web.Request, status: int, headers: Mapping[str, str]) -> web.Response:
    """The page for a status of 400 and above, or its `application/problem+json` (RFC 9457)."""
    title, advice = (words_of(request).gettext(text) for text in _sentences(status))
    if status == 429 and (seconds := headers.get("Retry-After", "")).isdecimal():
        advice = _when_to_try_again(words_of(request), int(seconds))
    if prefers_json(request.headers.get("Accept", "")):
        response = _problem(request, status, title, advice)
    else:
        response = render(
            request, "web/error.html", status, title=title, advice=advice, request_id=request[REQUEST_ID]
        )
    response.headers.update(headers)
    return response


def _page_of(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if error.status < 400:
        return error
    kept = {name: error.headers[name] for name in _KEPT_HEADERS if name in error.headers}
    return error_page(request, error.status, kept)


def _sentences(status: int) -> tuple[str, str]:
    return _SENTENCES.get(status) or _SENTENCES[500 if status >= 500 else 400]


def _when_to_try_again(words: GNUTranslations, seconds: int) -> str:
    minutes = math.ceil(seconds / 60)
    sentence = words.ngettext("Try again in %(num)s minute.", "Try again in %(num)s minutes.", minutes)
    return sentence % {"num": minutes}


def _problem(request: web.Request, status: int, title: str, detail: str) -> web.Response:
    problem = {"title": title, "status": status, "detail": detail, "request_id": request[REQUEST_ID]}
    return web.json_response(problem, status=status, content_type="application/problem+json")


def _facts(request: web.Request) -> dict[str, str]:
    """The path as its route is written: what stands in its places may be a secret."""
    resource = request.match_info.route.resource
    path = resource.canonical if resource else request.path
    return {"request_id": request[REQUEST_ID], "method": request.method, "path": path}
