"""What stands around every page."""

from collections.abc import Sequence
from functools import partial

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from relay.web import pages, static
from relay.web.cross_site import refuse_cross_site
from relay.web.error_pages import error_pages
from relay.web.headers import add_headers, is_page
from relay.web.preferences import preferences
from relay.web.request_id import request_ids


def setup(app: web.Application) -> None:
    """Make an application ready for pages; needs the configuration in it."""
    static.setup(app)
    pages.setup(app)
    app.on_response_prepare.append(add_headers)


def page_middlewares() -> list[Middleware]:
    """What stands around pages; what programs call (`/healthz`, `/b/…`) passes by all of it."""
    return [_around_pages]


_OUTERMOST_FIRST: Sequence[Middleware] = (request_ids, preferences, error_pages, refuse_cross_site)


@web.middleware
async def _around_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    if is_page(request.path):
        for middleware in reversed(_OUTERMOST_FIRST):
            handler = partial(middleware, handler=handler)
    return await handler(request)
