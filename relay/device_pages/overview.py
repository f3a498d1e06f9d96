"""How a device fares, at a glance."""

from aiohttp import web

from relay.device_pages.frame import Tab, device_page
from relay.device_pages.owned import Owned


async def show_overview(request: web.Request, owned: Owned) -> web.Response:
    """The status, what there is to do about it, and the last messages."""
    return await device_page(request, owned, Tab.OVERVIEW, "devices/overview.html")
