"""Sending again what failed since a day: a look at how much it is, the start, and the end before its time."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from aiohttp import web

from relay.device_pages.frame import Tab, device_page, done
from relay.device_pages.owned import Owned
from relay.domain.activity import Action
from relay.store.replays import Range, ReplayedStates, Replays
from relay.store.tending import REPLAY_AT_ONCE
from relay.web.activity import deed_of
from relay.web.catalogue import phrase
from relay.web.keys import STORE
from relay.web.pages import see_other

_OFFERED = {"dead": ReplayedStates.DEAD, "held": ReplayedStates.HELD}
_MOST_LISTED = 100


async def show_recover(request: web.Request, owned: Owned) -> web.Response:
    """What would happen, in numbers."""
    wanted = _range(owned, dict(request.query))
    if wanted is None:
        sentence = owned.say(phrase("Choose the day from which on you want the messages again."))
        return done(request, _log(owned), sentence, "bad")
    count = await Replays(request.app[STORE].driver).count(wanted)
    return await device_page(
        request,
        owned,
        Tab.DELIVERIES,
        "devices/recover.html",
        wanted=wanted,
        day=request.query["since"],
        shown_day=owned.show.plain_time(wanted.since_ms, "day"),
        count=count,
        takes_seconds=count / REPLAY_AT_ONCE,
        a_second=REPLAY_AT_ONCE,
    )


async def start_recover(request: web.Request, owned: Owned, fields: dict[str, str]) -> web.Response:
    """Order it; the upkeep does it."""
    wanted = _range(owned, fields)
    if wanted is None:
        return see_other(_log(owned))
    deed = deed_of(request, owned.device.number, Action.REPLAY_STARTED)
    replay = await Replays(request.app[STORE].driver).start(wanted, owned.now_ms, deed)
    sentence = owned.show.words.ngettext(
        "%(num)s message is being sent again.", "%(num)s messages are being sent again.", replay.total
    )
    return done(request, f"{_log(owned)}#replays", sentence % {"num": owned.show.number(replay.total)})


async def cancel_recover(request: web.Request, owned: Owned, fields: dict[str, str]) -> web.Response:
    """Stop an order of this device."""
    replays = Replays(request.app[STORE].driver)
    own = {str(each.id): each for each in await replays.of_device(owned.device.number, _MOST_LISTED)}
    if fields.get("replay") not in own:
        raise web.HTTPNotFound
    deed = deed_of(request, owned.device.number, Action.REPLAY_CANCELLED)
    if await replays.cancel(own[fields["replay"]].id, deed):
        return done(request, _log(owned), owned.say(phrase("Stopped. What was sent by now stays sent.")))
    return done(request, _log(owned), owned.say(phrase("It had ended already.")), "warning")


def _range(owned: Owned, fields: dict[str, str]) -> Range | None:
    since_ms = _start_of_day_ms(fields.get("since", ""), owned.show.zone)
    states = _OFFERED.get(fields.get("states", "dead"))
    if since_ms is None or states is None:
        return None
    return Range(device=owned.device.number, states=states, since_ms=since_ms, until_ms=owned.now_ms)


def _start_of_day_ms(text: str, zone: ZoneInfo) -> int | None:
    try:
        day = date.fromisoformat(text)
        return round(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp() * 1000)
    except (ValueError, OverflowError):
        return None


def _log(owned: Owned) -> str:
    return f"{owned.path}/{Tab.DELIVERIES}"
