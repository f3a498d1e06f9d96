"""The paths of the owner's pages."""

from aiohttp import web

from relay.device_pages.frame import Tab, add_action, add_page
from relay.device_pages.messages import show_messages
from relay.device_pages.overview import show_overview
from relay.device_pages.owned import SIGN_IN_PATH
from relay.device_pages.sign_in import (
    show_devices,
    show_sign_in,
    sign_out,
    sign_out_everywhere,
    take_sign_in,
)
from relay.device_pages.sign_in_link import (
    LINK_PATH,
    SENT_PATH,
    show_link_form,
    show_sent,
    take_link_form,
)


def setup(app: web.Application) -> None:
    """Add the sign-in and the pages of devices."""
    app.router.add_get(SIGN_IN_PATH, show_sign_in)
    app.router.add_post(SIGN_IN_PATH, take_sign_in)
    app.router.add_get(LINK_PATH, show_link_form)
    app.router.add_post(LINK_PATH, take_link_form)
    app.router.add_get(SENT_PATH, show_sent)
    app.router.add_post("/signout", sign_out)
    app.router.add_get("/devices", show_devices)
    add_action(app, "signout-everywhere", sign_out_everywhere)
    add_page(app, Tab.OVERVIEW, show_overview)
    add_page(app, Tab.MESSAGES, show_messages)
