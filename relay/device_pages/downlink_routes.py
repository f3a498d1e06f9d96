"""The paths of the page of downlinks."""

from aiohttp import web

from relay.device_pages.downlink import show_downlink, show_empty
from relay.device_pages.downlink_actions import act_on_downlinks, empty_queue
from relay.device_pages.frame import Tab, add_action, add_page, add_view


def setup(app: web.Application) -> None:
    """Add them."""
    add_page(app, Tab.DOWNLINK, show_downlink)
    add_action(app, Tab.DOWNLINK, act_on_downlinks)
    add_view(app, f"{Tab.DOWNLINK}/empty", show_empty)
    add_action(app, f"{Tab.DOWNLINK}/empty", empty_queue)
