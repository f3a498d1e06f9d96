"""The paths of the page of webhooks."""

from aiohttp import web

from relay.device_pages.frame import Tab, add_action, add_page, add_view
from relay.device_pages.webhook import ENDPOINT, show_add, show_remove, show_webhook
from relay.device_pages.webhook_actions import act_on_webhook, add, remove


def setup(app: web.Application) -> None:
    """Add them."""
    add_page(app, Tab.WEBHOOK, show_webhook)
    add_view(app, f"{Tab.WEBHOOK}/add", show_add)
    add_action(app, f"{Tab.WEBHOOK}/add", add)
    add_view(app, f"{Tab.WEBHOOK}/{ENDPOINT}", show_webhook)
    add_action(app, f"{Tab.WEBHOOK}/{ENDPOINT}", act_on_webhook)
    add_view(app, f"{Tab.WEBHOOK}/{ENDPOINT}/remove", show_remove)
    add_action(app, f"{Tab.WEBHOOK}/{ENDPOINT}/remove", remove)
