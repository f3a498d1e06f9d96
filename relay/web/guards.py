"""What stands around every page."""

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
    """Outermost first; what programs call (`/sigfox/`, `/healthz`, …) passes by all of them."""
    return [_for_pages(each) for each in (request_ids, preferences, error_pages, refuse_cross_site)]


def _for_pages(middleware: Middleware) -> Middleware:
    @web.middleware
    async def when_page(request: web.Request, handler: Handler) -> web.StreamResponse:
        around = middleware(request, handler) if is_page(request.path) else handler(request)
        return await around

    return when_page
