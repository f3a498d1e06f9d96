"""The paths of the public pages."""

from aiohttp import web

from relay.forms.done import send_test, show_done
from relay.forms.forget import FORGET_PATH, FORGOTTEN_PATH, show_forget, show_forgotten, take_forget
from relay.forms.home import show_home, show_icon, show_robots
from relay.forms.views import DONE_PATH, show_form, take_form


def setup(app: web.Application) -> None:
    """Add the home page and the form."""
    app.router.add_get("/", show_home)
    app.router.add_get("/form", show_form)
    app.router.add_post("/form", take_form)
    # A HEAD must not use up the one look at the secret.
    app.router.add_get(DONE_PATH, show_done, allow_head=False)
    app.router.add_post("/form/test", send_test)
    app.router.add_get(FORGET_PATH, show_forget)
    app.router.add_post(FORGET_PATH, take_forget)
    app.router.add_get(FORGOTTEN_PATH, show_forgotten)
    app.router.add_get("/robots.txt", show_robots)
    app.router.add_get("/favicon.ico", show_icon)
