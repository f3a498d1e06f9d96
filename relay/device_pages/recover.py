"""Sending again what failed since a day: a look at how much it is, the start, and the end before its time."""

from aiohttp import web

from relay.device_pages.chart_range import midnight, read_day
from relay.device_pages.frame import Tab, device_page, done
from relay.device_pages.owned import Owned
from relay.domain.activity import Action
from relay.store.replays import Range, ReplayedStates, Replays
from relay.store.tending import REPLAY_AT_ONCE
from relay.web.activity import deed_of
from relay.web.catalogue import phrase
from relay.web.keys import STORE

_OFFERED = (ReplayedStates.DEAD, ReplayedStates.HELD, ReplayedStates.UNDELIVERED)
_MOST_LISTED = 100


async def show_recover(request: web.Request, owned: Owned) -> web.Response:
    """What would happen, in numbers."""
    wanted = _range(owned, dict(request.query))
    if wanted is None:
        return _ask_again(request, owned)
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
        return _ask_again(request, owned)
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
    day, states = read_day(fields.get("since", "")), fields.get("states", ReplayedStates.DEAD)
    if day is None or states not in _OFFERED:
        return None
    return Range(
        device=owned.device.number,
        states=ReplayedStates(states),
        since_ms=midnight(day, owned.show.zone) * 1000,
        until_ms=owned.now_ms,
    )


def _ask_again(request: web.Request, owned: Owned) -> web.Response:
    sentence = phrase("Choose the day from which on you want the messages again, and which ones.")
    return done(request, _log(owned), owned.say(sentence), "bad")


def _log(owned: Owned) -> str:
    return f"{owned.path}/{Tab.DELIVERIES}"
