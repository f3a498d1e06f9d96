"""The paths of the help."""

from aiohttp import web

from relay.help.keeping import PATH as PRIVACY_PATH
from relay.help.keeping import show_privacy
from relay.help.security import PATH, show_security
from relay.help.views import show_help


def setup(app: web.Application) -> None:
    """Add the pages, and whom to tell of a weakness; needs the public keys in the application."""
    app.router.add_get("/docs", show_help)
    app.router.add_get(PRIVACY_PATH, show_privacy)
    app.router.add_get(PATH, show_security)
