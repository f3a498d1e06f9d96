"""What surrounds each page of a device: its header, tabs, and what the last post had to say.

To add a page: a member of `Tab`, a view `(request, owned)` that answers with `device_page`, a template that
extends `devices/layout.html`, and `add_page(app, Tab.…, view)` in a `setup`. Its tab is there by itself.
"""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aiohttp import web

from relay.device_pages.owned import DEVICE_PATH, Action, Owned, View, owners_action, owners_only
from relay.domain.device_status import DeviceStatus, device_status
from relay.store.device_facts import read_device_facts
from relay.web.catalogue import phrase
from relay.web.flash import drop_flash, put_flash, read_flash
from relay.web.keys import STORE
from relay.web.pages import render, see_other


class Tab(enum.StrEnum):
    """The pages of a device in the order of their tabs, by the last part of their path."""

    OVERVIEW = ""
    MESSAGES = "messages"
    DELIVERIES = "deliveries"
    CHARTS = "charts"
    MAP = "map"
    WEBHOOK = "webhook"
    DOWNLINK = "downlink"
    SETTINGS = "settings"


_TITLES: Mapping[Tab, str] = {
    Tab.OVERVIEW: phrase("Overview"),
    Tab.MESSAGES: phrase("Messages"),
    Tab.DELIVERIES: phrase("Deliveries"),
    Tab.CHARTS: phrase("Charts"),
    Tab.MAP: phrase("Map"),
    Tab.WEBHOOK: phrase("Webhook"),
    Tab.DOWNLINK: phrase("Downlink"),
    Tab.SETTINGS: phrase("Settings"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TabLink:
    """One tab as it is shown."""

    title: str
    path: str
    is_current: bool


def add_page(app: web.Application, tab: Tab, view: View) -> None:
    """Let owners see a page under a tab."""
    app.router.add_get(f"{DEVICE_PATH}/{tab}".rstrip("/"), owners_only(view), name=_route_name(tab))


def add_view(app: web.Application, path: str, view: View) -> None:
    """Let owners see something that has no tab, by its path behind the device's."""
    app.router.add_get(f"{DEVICE_PATH}/{path}", owners_only(view))


def add_action(app: web.Application, path: str, action: Action) -> None:
    """Let owners post a form to a path behind the device's; the action answers with `done` or a page."""
    app.router.add_post(f"{DEVICE_PATH}/{path}", owners_action(action))


async def device_page(
    request: web.Request,
    owned: Owned,
    tab: Tab,
    template: str,
    status: int = 200,
    *,
    known_status: DeviceStatus | None = None,
    **values: object,
) -> web.Response:
    """A page of a device; its template finds `device`, `owned`, `show` and `device_status` as well.

    A view that had to read the device's status itself passes it as `known_status`.
    """
    flash = read_flash(request)
    response = render(
        request,
        template,
        status,
        device=owned.device,
        owned=owned,
        show=owned.show,
        base=owned.path,
        request_path=request.path,
        tab_title=owned.say(_TITLES[tab]),
        tabs=list(_tab_links(request, owned, tab)),
        switch_to=f"/{tab}".rstrip("/"),
        device_status=known_status or await status_of(request, owned),
        flash=flash,
        **values,
    )
    if flash is not None:
        drop_flash(request, response)
    return response


def done(request: web.Request, location: str, text: str, kind: str = "good") -> web.Response:
    """After a post: go there, and read this."""
    return put_flash(request, see_other(location), text, kind)


def said_by_page(request: web.Request, owned: Owned, tab: Tab) -> web.Response:
    """In place of a file that cannot be made: the page with the same query says what is wrong with it."""
    return see_other(f"{owned.path}/{tab}?{request.rel_url.raw_query_string}")


async def status_of(request: web.Request, owned: Owned) -> DeviceStatus:
    """How the device fares now."""
    facts = await request.app[STORE].driver.transact(read_device_facts(owned.device.number))
    return device_status(facts, owned.now_ms)


def _tab_links(request: web.Request, owned: Owned, current: Tab) -> Iterator[TabLink]:
    for tab in Tab:
        if _route_name(tab) in request.app.router:
            path = f"{owned.path}/{tab}".rstrip("/")
            yield TabLink(title=owned.say(_TITLES[tab]), path=path, is_current=tab is current)


def _route_name(tab: Tab) -> str:
    return f"device_{tab.name.lower()}"
