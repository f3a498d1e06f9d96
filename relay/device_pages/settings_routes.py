"""The paths of the page of settings."""

from aiohttp import web

from relay.device_pages.download import send_everything
from relay.device_pages.frame import Tab, add_action, add_page, add_view
from relay.device_pages.settings import show_forget, show_settings
from relay.device_pages.settings_actions import act_on_settings, forget


def setup(app: web.Application) -> None:
    """Add them."""
    add_page(app, Tab.SETTINGS, show_settings)
    add_action(app, Tab.SETTINGS, act_on_settings)
    add_view(app, f"{Tab.SETTINGS}/everything.zip", send_everything)
    add_view(app, f"{Tab.SETTINGS}/forget", show_forget)
    add_action(app, f"{Tab.SETTINGS}/forget", forget)
