"""The list of a device's messages."""

from dataclasses import dataclass

from aiohttp import web

from relay.device_pages.frame import Tab, device_page
from relay.device_pages.message_filter import AskedFilter, read_filter, read_place, write_place
from relay.device_pages.message_rows import message_rows
from relay.device_pages.owned import Owned
from relay.domain.device_settings import DeviceSettings, effective
from relay.domain.device_type import DEFAULT_TYPE
from relay.store.device_types import settings_of
from relay.store.messages import NEWEST, MessagePage, Messages
from relay.web.keys import CONFIG, STORE
from relay.web.pages import see_other
from relay.web.query import address

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of the list, and where the pages beside it begin; empty where there are none."""

    page: MessagePage
    newer: str
    older: str
    is_first: bool


async def show_messages(request: web.Request, owned: Owned) -> web.StreamResponse:
    """One page, filtered as the address says."""
    asked = read_filter(request.query, owned.show.zone)
    listed = await list_messages(request, owned, asked)
    if listed is None:  # what is newer fits on the first page
        return see_other(address(request.path, asked.query))
    settings = await settings_for(request, owned)
    rows = await message_rows(
        request.app[STORE].driver,
        owned,
        settings,
        listed.page.messages,
        has_neighbours=not asked.meant.is_narrow,
    )
    messages = listed.page.messages
    return await device_page(
        request,
        owned,
        Tab.MESSAGES,
        "devices/messages.html",
        asked=asked,
        rows=rows,
        newer=listed.newer,
        older=listed.older,
        is_first=listed.is_first,
        newest=write_place(messages[0].place) if messages and listed.is_first else "",
        here=address(request.path, asked.query),
        export_csv=address(f"{owned.path}/messages.csv", asked.query),
        export_lines=address(f"{owned.path}/messages.jsonl", asked.query),
        kept_days=round(request.app[CONFIG].retention.messages / 86400),
    )


async def settings_for(request: web.Request, owned: Owned) -> DeviceSettings:
    """What holds for the device, after its type."""
    found = await request.app[STORE].driver.transact(settings_of(owned.device.number))
    return found or effective(owned.device, DEFAULT_TYPE)


async def list_messages(request: web.Request, owned: Owned, asked: AskedFilter) -> Listed | None:
    """The page that the address asks for; None when what is newer fits on the first."""
    after = read_place(request.query.get("after", ""))
    messages = Messages(request.app[STORE].driver)
    if after is None:
        before = read_place(request.query.get("before", ""))
        page = await messages.older(owned.device.number, asked.meant, before or NEWEST, PAGE)
        has_newer, older = before is not None, page.ended_at
    else:
        page = await messages.newer(owned.device.number, asked.meant, after, PAGE)
        if page.ended_at is None:
            return None
        has_newer, older = True, page.messages[-1].place if page.messages else after
    return Listed(
        page=page,
        newer=_newer(request, asked, page) if has_newer else "",
        older=address(request.path, {**asked.query, "before": write_place(older)}) if older else "",
        is_first=not has_newer,
    )


def _newer(request: web.Request, asked: AskedFilter, page: MessagePage) -> str:
    first = page.messages[0].place if page.messages else None
    return address(request.path, {**asked.query, "after": write_place(first) if first else None})
