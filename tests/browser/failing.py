"""Every page that says that something went wrong, at paths of their own."""

from aiohttp import web

from relay.web import error_pages

STATUSES = tuple(error_pages._SENTENCES)
_PATH = "/fails/"


def path_of(status: int) -> str:
    """Where it fails so."""
    return f"{_PATH}{status}"


def fail_on_purpose(app: web.Application) -> None:
    """Add them all."""
    for status in STATUSES:
        app.router.add_get(path_of(status), _fail)


async def _fail(request: web.Request) -> web.Response:
    status = int(request.path.removeprefix(_PATH))
    return error_pages.error_page(request, status, {"Retry-After": "240"} if status == 429 else {})
