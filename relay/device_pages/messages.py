"""The list of a device's messages."""

from aiohttp import web

from relay.decoder import field_names
from relay.device_pages.frame import Tab, device_page
from relay.device_pages.listed import Listed, kept_days, list_messages, range_links
from relay.device_pages.message_filter import read_filter, write_place
from relay.device_pages.message_rows import message_rows
from relay.device_pages.owned import Owned
from relay.device_pages.replay_selected import MOST_SELECTED
from relay.domain.device_settings import DeviceSettings, effective
from relay.domain.device_type import DEFAULT_TYPE
from relay.store.device_types import settings_of
from relay.store.message_filter import NEWEST, MessageFilter
from relay.store.messages import Messages
from relay.web.keys import STORE
from relay.web.pages import see_other
from relay.web.query import address


async def show_messages(request: web.Request, owned: Owned) -> web.StreamResponse:
    """One page, filtered as the address says."""
    settings = await settings_for(request, owned)
    asked = read_filter(request.query, owned, settings)
    listed = await list_messages(request, owned, asked)
    if listed is None:  # what is newer fits on the first page
        return see_other(address(request.path, asked.query))
    messages = listed.page.messages
    driver, has_neighbours = request.app[STORE].driver, not asked.meant.is_narrow
    rows = await message_rows(driver, owned, settings, messages, has_neighbours=has_neighbours)
    return await device_page(
        request,
        owned,
        Tab.MESSAGES,
        "devices/messages.html",
        422 if asked.errors else 200,
        asked=asked,
        ranges=range_links(request, asked),
        fields=field_names(settings),
        rows=rows,
        most_selected=MOST_SELECTED,
        listed=listed,
        newest=await _newest(request, owned, listed),
        live=address(f"{owned.path}/live", asked.query),
        here=address(request.path, asked.query),
        export_csv=address(f"{owned.path}/messages.csv", asked.query),
        export_lines=address(f"{owned.path}/messages.jsonl", asked.query),
        kept=owned.show.days(kept_days(request)),
    )


async def _newest(request: web.Request, owned: Owned, listed: Listed) -> str:
    """The newest message, whether the filter finds it or not: what comes after it is new on the page."""
    if not listed.is_first:
        return ""
    page = await Messages(request.app[STORE].driver).older(owned.device.number, MessageFilter(), NEWEST, 1)
    return write_place(page.messages[0].place) if page.messages else ""


async def settings_for(request: web.Request, owned: Owned) -> DeviceSettings:
    """What holds for the device, after its type."""
    found = await request.app[STORE].driver.transact(settings_of(owned.device.number))
    return found or effective(owned.device, DEFAULT_TYPE)
