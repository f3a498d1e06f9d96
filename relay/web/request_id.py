"""A name for each request, to find it in the log when somebody quotes it."""

import re
import secrets

from aiohttp import web
from aiohttp.typedefs import Handler

from relay.web.client import comes_through_proxy
from relay.web.keys import CONFIG

REQUEST_ID = web.RequestKey("request_id", str)

_HEADER = "X-Request-ID"
_PLAIN = re.compile("[A-Za-z0-9._-]{8,64}")
_RANDOM_BYTES = 8


@web.middleware
async def request_ids(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Take the name from a trusted proxy, else make one."""
    request[REQUEST_ID] = _given(request) or secrets.token_hex(_RANDOM_BYTES)
    response = await handler(request)
    response.headers[_HEADER] = request[REQUEST_ID]
    return response


def _given(request: web.Request) -> str | None:
    text = request.headers.get(_HEADER, "")
    if _PLAIN.fullmatch(text) and comes_through_proxy(request, request.app[CONFIG].trusted_proxies):
        return text
    return None
