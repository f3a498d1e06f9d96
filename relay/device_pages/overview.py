"""How a device fares, what there is to do about it, and the last messages."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from relay.device_pages.frame import Tab, device_page, status_of
from relay.device_pages.glance import MOST_LOOKED_AT, Glance, read_glance
from relay.device_pages.message_filter import write_place
from relay.device_pages.message_rows import shown_value
from relay.device_pages.messages import settings_for
from relay.device_pages.owned import Owned
from relay.domain.activity import Action, Actor
from relay.domain.device_event import NO_ALERTS
from relay.domain.device_settings import DeviceSettings
from relay.domain.device_status import DeviceStatus, StatusWord
from relay.domain.device_type import Display
from relay.store.activity import Entry, read_activity
from relay.web.causes import cause_sentence
from relay.web.keys import CONFIG, STORE

MESSAGES_A_DAY = 140
"""What a Sigfox contract allows at most. Source: support.sigfox.com, "messages per day"."""
_LOOKED_THROUGH = 200
"""So many of the last deeds are looked at for a pause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that an owner does once; `link` is empty where nothing can be clicked."""

    is_done: bool
    what: str
    link: str = ""


async def show_overview(request: web.Request, owned: Owned) -> web.Response:
    """The page."""
    status, settings = await status_of(request, owned), await settings_for(request, owned)
    glance = await read_glance(request.app[STORE].driver, owned, settings, status.endpoint)
    newest = glance.rows[0].message.place if glance.rows else None
    return await device_page(
        request,
        owned,
        Tab.OVERVIEW,
        "devices/overview.html",
        known_status=status,
        cause=_cause(owned, status, glance),
        on_the_way=sum(each.waiting + each.held for each in status.facts.endpoints),
        pause=await _pause(request, owned, status),
        glance=glance,
        most_counted=MOST_LOOKED_AT,
        shown_value=shown_value,
        a_day=MESSAGES_A_DAY,
        steps=_steps(request, owned, status, settings, glance),
        newest=write_place(newest) if newest else "",
    )


def _cause(owned: Owned, status: DeviceStatus, glance: Glance) -> str:
    """Why the last attempt at the endpoint failed that the status is about."""
    endpoint = status.endpoint
    if endpoint is None or endpoint.health.cause is None:
        return ""
    words, cause = owned.show.words, endpoint.health.cause
    return cause_sentence(words, cause, host=endpoint.host, status=glance.last_status)


async def _pause(request: web.Request, owned: Owned, status: DeviceStatus) -> Mapping[str, object]:
    """Since when an endpoint is paused, and whether the operator did it; nothing when that is not known."""
    if status.endpoint is None or status.word is not StatusWord.OFF:
        return {}
    steps = read_activity(owned.device.number, limit=_LOOKED_THROUGH)
    for entry in await request.app[STORE].driver.transact(steps):
        if _is_pause(entry, status.endpoint.host):
            return {"since_ms": entry.at_ms, "by_operator": entry.actor == Actor.OPERATOR}
    return {}


def _is_pause(entry: Entry, host: str) -> bool:
    return entry.action == Action.PAUSED and entry.facts.get("host") == host


def _steps(
    request: web.Request, owned: Owned, status: DeviceStatus, settings: DeviceSettings, glance: Glance
) -> list[Step]:
    """What is left to do; empty when all is done."""
    words = owned.show.words
    steps = [
        Step(
            is_done=bool(status.facts.endpoints),
            what=words.gettext("Say where the messages go"),
            link=f"{owned.path}/{Tab.WEBHOOK}",
        ),
        Step(is_done=bool(glance.rows), what=words.gettext("The first message arrives")),
        Step(is_done=glance.is_taken, what=words.gettext("Your server takes a message")),
        Step(
            is_done=settings.display is not Display.NONE,
            what=words.gettext("Say what the bytes mean"),
            link=f"{owned.path}/{Tab.SETTINGS}",
        ),
    ]
    if request.app[CONFIG].smtp.host:
        steps.append(_tell_whom(owned, settings))
    return [] if all(step.is_done for step in steps) else steps


def _tell_whom(owned: Owned, settings: DeviceSettings) -> Step:
    device = owned.device
    address = settings.alert_email or device.contact_email or device.order_email
    return Step(
        is_done=bool(address) or settings.alerts == NO_ALERTS,
        what=owned.show.words.gettext("Say who gets a mail when something goes wrong"),
        link=f"{owned.path}/{Tab.SETTINGS}",
    )
