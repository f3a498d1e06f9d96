"""The paths of the test tools."""

from aiohttp import hdrs, web

from relay.request_bin.inbox import MOST_A_SECOND, PACE, Pace, take_request
from relay.request_bin.signature import show_check, take_check
from relay.request_bin.views import (
    MAKING_PACE,
    MOST_MADE_A_MINUTE,
    check_bin,
    empty_bin,
    make_bin,
    show_bin,
    show_start,
    watch_bin,
)

_PAGE = "/bin/{key:[A-Za-z0-9_-]{24}}"


def setup(app: web.Application) -> None:
    """Add the bins and the check of signatures."""
    app[PACE], app[MAKING_PACE] = Pace(MOST_A_SECOND), Pace(MOST_MADE_A_MINUTE)
    app.router.add_route(hdrs.METH_ANY, "/b/{name:[0-9a-f]{32}}", take_request)
    app.router.add_get("/bin", show_start)
    app.router.add_post("/bin", make_bin)
    app.router.add_get(_PAGE, show_bin)
    app.router.add_post(f"{_PAGE}/check", check_bin)
    app.router.add_post(f"{_PAGE}/empty", empty_bin)
    app.router.add_get(f"{_PAGE}/live", watch_bin)
    app.router.add_get("/signature", show_check)
    app.router.add_post("/signature", take_check)
