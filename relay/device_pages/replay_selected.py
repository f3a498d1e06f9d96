"""Sending again what was ticked in a list: a look at how much it is, and the start."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from aiohttp import web

from relay.device_pages.frame import Tab, device_page, done
from relay.device_pages.owned import Owned
from relay.domain.activity import Action
from relay.domain.endpoint import EndpointState
from relay.store.selected import Selection, find_selected, replay_selected
from relay.web.activity import deed_of
from relay.web.catalogue import phrase
from relay.web.keys import STORE

MOST_SELECTED = 100
_ID = re.compile(r"[0-9]{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticked:
    """What was ticked, and the list to which one returns."""

    selection: Selection
    back: Tab


async def show_replay(request: web.Request, owned: Owned) -> web.Response:
    """What would happen, in numbers."""
    query = request.query
    ticked = _ticked(query.getall("message", []), query.getall("delivery", []), query.get("back", ""))
    if refused := _refusal(request, owned, ticked):
        return refused
    found = await request.app[STORE].driver.transact(find_selected(owned.device.number, ticked.selection))
    ready = [one for one in found if not one.is_leased]
    return await device_page(
        request,
        owned,
        ticked.back,
        "devices/replay.html",
        ticked=ticked,
        ready=ready,
        under_way=len(found) - len(ready),
        messages=len({one.uplink_id for one in ready}),
        unsent=len(ticked.selection.messages - {one.uplink_id for one in found}),
        closed=sorted({one.host for one in found if one.endpoint_state is not EndpointState.ACTIVE}),
    )


async def start_replay(request: web.Request, owned: Owned, fields: dict[str, str]) -> web.Response:
    """Make it all due at once; what is under way at this moment stays as it is."""
    ticked = _ticked(
        fields.get("messages", "").split(","), fields.get("deliveries", "").split(","), fields.get("back", "")
    )
    if refused := _refusal(request, owned, ticked):
        return refused
    deed = deed_of(request, owned.device.number, Action.REPLAY_STARTED)
    steps = replay_selected(owned.device.number, ticked.selection, owned.now_ms, deed)
    count = await request.app[STORE].driver.transact(steps)
    sentence = owned.show.words.ngettext(
        "%(num)s delivery is being sent again.", "%(num)s deliveries are being sent again.", count
    )
    return done(request, f"{owned.path}/{ticked.back}", sentence % {"num": owned.show.number(count)})


def _ticked(messages: Iterable[str], deliveries: Iterable[str], back: str) -> Ticked:
    selection = Selection(messages=_ids(messages), deliveries=_ids(deliveries))
    return Ticked(selection=selection, back=Tab.DELIVERIES if back == Tab.DELIVERIES else Tab.MESSAGES)


def _ids(texts: Iterable[str]) -> frozenset[int]:
    return frozenset(int(text) for text in texts if _ID.fullmatch(text))


def _refusal(request: web.Request, owned: Owned, ticked: Ticked) -> web.Response | None:
    """Back to the list when nothing was ticked, or too much."""
    count, location = ticked.selection.count, f"{owned.path}/{ticked.back}"
    if not count:
        sentence = owned.say(phrase("Tick the rows that you want to send again first."))
        return done(request, location, sentence, "warning")
    if count > MOST_SELECTED:
        sentence = phrase("You ticked %(count)s rows; at most %(most)s can be sent again at once.")
        return done(request, location, owned.say(sentence, count=count, most=MOST_SELECTED), "bad")
    return None
