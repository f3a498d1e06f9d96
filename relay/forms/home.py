"""The home page, and the small files that browsers and robots ask every site for."""

import json

from aiohttp import web

from relay.domain.sample import sample_body
from relay.web.pages import render
from relay.web.static import STATIC

_SAMPLE = json.dumps(json.loads(sample_body("21DF4E", 1501504818)), indent=2)
# Robots may look at what is meant for everybody.
_ROBOTS = (
    "User-agent: *\nAllow: /$\nAllow: /form$\nAllow: /docs$\nAllow: /privacy$\nAllow: /static/\nDisallow: /\n"
)


async def show_home(request: web.Request) -> web.Response:
    """What the relay is, and the way in."""
    return render(request, "forms/home.html", sample=_SAMPLE)


async def show_robots(_: web.Request) -> web.Response:
    """For robots."""
    return web.Response(text=_ROBOTS)


async def show_icon(request: web.Request) -> web.Response:
    """For browsers that look for the icon at its old place."""
    return web.Response(status=308, headers={"Location": request.app[STATIC]["favicon.svg"].url})
