"""How a device fares, at a glance."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from aiohttp import web

from relay.device_pages.frame import Tab, device_page, status_of
from relay.device_pages.message_filter import write_place
from relay.device_pages.message_rows import MessageRow, message_rows, shown_value
from relay.device_pages.messages import settings_for
from relay.device_pages.owned import Owned
from relay.domain.delivery_status import DeliveryStatus
from relay.domain.device_settings import DeviceSettings
from relay.domain.device_state import DeviceState
from relay.domain.device_status import DeviceStatus
from relay.domain.device_type import Display
from relay.domain.last_day import DAY_SECONDS, Bar, Sent, bars
from relay.store.driver import Do, Steps
from relay.store.message_filter import NEWEST, MessageFilter
from relay.store.messages import Message, Messages
from relay.store.statistics import OfDevice, Statistics
from relay.web.causes import cause_sentence
from relay.web.keys import STORE

MESSAGES_A_DAY = 140
"""What a Sigfox contract allows at most. Source: support.sigfox.com, "messages per day"."""
MOST_LOOKED_AT = 300
MOST_TIMED = 100
NEWEST_SHOWN = 5
_WEEK_SECONDS = 7 * 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What the overview shows of the last day; `median_ms` is how long the owner's server took to answer."""

    rows: Sequence[MessageRow]
    today: int
    bars: Sequence[Bar]
    delivered: int
    failed: int
    median_ms: float | None
    missed_in_week: int
    state: DeviceState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that an owner does once; `link` is empty where nothing can be clicked."""

    is_done: bool
    what: str
    link: str = ""


async def show_overview(request: web.Request, owned: Owned) -> web.Response:
    """The status, what there is to do about it, and the last messages."""
    status, settings = await status_of(request, owned), await settings_for(request, owned)
    glance = await _glance(request, owned, settings)
    newest = glance.rows[0].message.place if glance.rows else None
    return await device_page(
        request,
        owned,
        Tab.OVERVIEW,
        "devices/overview.html",
        known_status=status,
        cause=_cause(owned, status),
        glance=glance,
        shown_value=shown_value,
        a_day=MESSAGES_A_DAY,
        steps=_steps(owned, status, settings, glance),
        newest=write_place(newest) if newest else "",
    )


async def _glance(request: web.Request, owned: Owned, settings: DeviceSettings) -> Glance:
    driver, device, now = request.app[STORE].driver, owned.device.number, owned.now_ms // 1000
    messages = Messages(driver)
    newest = (await messages.older(device, MessageFilter(), NEWEST, NEWEST_SHOWN)).messages
    day_filter = MessageFilter(since=now - DAY_SECONDS)
    day = (await messages.older(device, day_filter, NEWEST, MOST_LOOKED_AT)).messages
    since = now - _WEEK_SECONDS
    hours = await Statistics(driver).hours(OfDevice(device), since=since, until=now + 3600)
    return Glance(
        rows=await message_rows(driver, owned, settings, newest),
        today=sum(1 for one in day if one.time * 1000 >= owned.show.start_of_day_ms()),
        bars=bars([Sent(time=one.time, status=one.status) for one in day], now),
        delivered=_count(day, DeliveryStatus.DELIVERED),
        failed=_count(day, DeliveryStatus.FAILED),
        median_ms=await driver.transact(_median_ms(day)),
        missed_in_week=sum(hour.totals.missed for hour in hours),
        state=await Statistics(driver).state(device),
    )


def _count(messages: Sequence[Message], status: DeliveryStatus) -> int:
    return sum(1 for one in messages if one.status is status)


def _median_ms(messages: Sequence[Message]) -> Steps[float | None]:
    """Of the last deliveries that were taken."""
    taken = [
        each.id for one in messages for each in one.deliveries if each.status is DeliveryStatus.DELIVERED
    ]
    rows = yield Do(
        "attempts_of_deliveries", [{"delivery_id": one, "limit": 1} for one in taken[:MOST_TIMED]]
    )
    return median(row["duration_ms"] for row in rows) if rows else None


def _cause(owned: Owned, status: DeviceStatus) -> str:
    """Why the last attempt at the endpoint failed that the status is about."""
    endpoint = status.endpoint
    if endpoint is None or endpoint.health.cause is None:
        return ""
    return cause_sentence(owned.show.words, endpoint.health.cause, host=endpoint.host, status=None)


def _steps(owned: Owned, status: DeviceStatus, settings: DeviceSettings, glance: Glance) -> list[Step]:
    """What is left to do; empty when all is done."""
    words = owned.show.words
    steps = [
        Step(
            is_done=bool(status.facts.endpoints),
            what=words.gettext("Say where the messages go"),
            link=f"{owned.path}/{Tab.WEBHOOK}",
        ),
        Step(is_done=bool(glance.rows), what=words.gettext("The first message arrives")),
        Step(is_done=glance.median_ms is not None, what=words.gettext("Your server takes a message")),
        Step(
            is_done=settings.display is not Display.NONE,
            what=words.gettext("Say what the bytes mean"),
            link=f"{owned.path}/{Tab.SETTINGS}",
        ),
    ]
    return [] if all(step.is_done for step in steps) else steps
