"""A page of a device's messages, as the address asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from relay.device_pages.chart_range import DAY_SECONDS
from relay.device_pages.list_range import Preset
from relay.device_pages.message_filter import AskedFilter, read_place, write_place
from relay.device_pages.owned import Owned
from relay.store.message_filter import NEWEST
from relay.store.messages import MessagePage, Messages
from relay.web.keys import CONFIG, STORE
from relay.web.query import address

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of the list, and where the pages beside it begin; empty where there are none.

    `is_too_old` says that no messages are kept of the time that was asked for.
    """

    page: MessagePage
    newer: str = ""
    older: str = ""
    is_first: bool = True
    is_too_old: bool = False

    @property
    def is_short(self) -> bool:
        """Whether the look ended before the page was full."""
        return len(self.page.messages) < PAGE


async def list_messages(request: web.Request, owned: Owned, asked: AskedFilter) -> Listed | None:
    """The page that the address asks for; None when what is newer fits on the first."""
    if asked.errors:
        return Listed(page=MessagePage())
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
        is_too_old=asked.meant.until <= owned.now_ms / 1000 - _kept_seconds(request),
    )


def kept_days(request: web.Request) -> int:
    """How long messages are kept."""
    return round(_kept_seconds(request) / DAY_SECONDS)


def range_links(request: web.Request, asked: AskedFilter) -> Sequence[tuple[Preset, str]]:
    """Where the same filter is shown for another time."""
    return [(preset, address(request.path, {**asked.given, "range": preset})) for preset in Preset]


def _kept_seconds(request: web.Request) -> float:
    return request.app[CONFIG].retention.messages


def _newer(request: web.Request, asked: AskedFilter, page: MessagePage) -> str:
    first = page.messages[0].place if page.messages else None
    return address(request.path, {**asked.query, "after": write_place(first) if first else None})
