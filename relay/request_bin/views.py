"""The pages of a bin: making one, seeing what it caught."""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from zoneinfo import ZoneInfo

from aiohttp import web

from relay.domain.own_bin import bin_url, inbox_of
from relay.domain.signature_check import SignatureCheck, check_signature, is_key
from relay.request_bin.inbox import Pace
from relay.request_bin.verdicts import check_sentence
from relay.store.bins import KEPT_SECONDS, MOST_REQUESTS, Bin, Caught, look_into, newest_in, open_bin
from relay.store.driver import rows_of
from relay.web.body import read_form
from relay.web.client import client_address
from relay.web.keys import CONFIG, NOW, STORE
from relay.web.pages import no_store, render, see_other, words_of
from relay.web.preferences import LANGUAGE
from relay.web.query import read_id
from relay.web.sessions import find_session, renew_cookie
from relay.web.showing import Showing

KEY_BYTES = 18
MOST_MADE_A_MINUTE = 10
LIVE_SECONDS = 300
LOOK_SECONDS = 1.0

MAKING_PACE = web.AppKey("bin_making_pace", Pace)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One request as the page shows it; `check` is set when somebody gave the secret."""

    caught: Caught
    check: SignatureCheck | None = None
    sentence: str = ""


async def show_start(request: web.Request) -> web.Response:
    """What a bin is, and the button that makes one."""
    return render(request, "bin/start.html", most=MOST_REQUESTS, days=KEPT_SECONDS // 86400)


async def make_bin(request: web.Request) -> web.Response:
    """Make a bin that only who has its page's address can look into."""
    await read_form(request)
    address = client_address(request, request.app[CONFIG].trusted_proxies)
    if not request.app[MAKING_PACE].is_kept(str(address), request.app[NOW]() // 60):
        raise web.HTTPTooManyRequests(headers={"Retry-After": "60"})
    key = secrets.token_urlsafe(KEY_BYTES)
    if not await request.app[STORE].driver.transact(open_bin(inbox_of(key), _now_ms(request))):
        return no_store(render(request, "bin/full.html", 503))
    return no_store(see_other(f"/bin/{key}"))


async def show_bin(request: web.Request) -> web.Response:
    """What came, newest first."""
    return await _page(request, [])


async def check_bin(request: web.Request) -> web.Response:
    """The same with the signatures judged; the secret is used once and kept nowhere."""
    secret = (await read_form(request)).get("secret", "")
    if is_key(secret):
        return await _page(request, [secret])
    return await _page(request, [], {"secret": check_sentence(words_of(request), SignatureCheck.BAD_KEY, {})})


async def empty_bin(request: web.Request) -> web.Response:
    """Throw away what it caught."""
    await read_form(request)
    key = request.match_info["key"]
    await request.app[STORE].driver.transact(rows_of("empty_bin", name=inbox_of(key)))
    return no_store(see_other(f"/bin/{key}"))


async def watch_bin(request: web.Request) -> web.StreamResponse:
    """Tell an open page when something newer than the newest on it came: server-sent events."""
    name, seen = inbox_of(request.match_info["key"]), _seen(request)
    newest = await request.app[STORE].driver.transact(newest_in(name, _now_ms(request)))
    if newest is None:
        raise web.HTTPNotFound
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    loop = asyncio.get_running_loop()
    until = loop.time() + LIVE_SECONDS
    while newest is not None and loop.time() < until:
        told = f"id: {newest}\nevent: new\ndata: 1\n\n" if newest > seen else ": still here\n\n"
        await response.write(told.encode())
        seen = newest
        await asyncio.sleep(LOOK_SECONDS)
        newest = await request.app[STORE].driver.transact(newest_in(name, _now_ms(request)))
    return response


def _seen(request: web.Request) -> int:
    """A browser that comes back says what it was told last."""
    told = request.headers.get("Last-Event-ID") or request.query.get("after", "")
    return read_id(told) or 0


async def _page(
    request: web.Request, keys: Sequence[str], errors: Mapping[str, str] = MappingProxyType({})
) -> web.Response:
    key = request.match_info["key"]
    found = await request.app[STORE].driver.transact(look_into(inbox_of(key), _now_ms(request)))
    if found is None:
        return no_store(render(request, "bin/gone.html", 404))
    session = await find_session(request)
    page = render(
        request,
        "bin/bin.html",
        422 if errors else 200,
        errors=errors,
        address=bin_url(request.app[CONFIG].public_url, found.name),
        name=found.name,
        devices=session.devices if session else (),
        key=key,
        expires_at_ms=found.expires_at_ms,
        shown=list(_shown(request, found, keys)),
        checked=bool(keys),
        most=MOST_REQUESTS,
        show=_showing(request),
    )
    if session is not None:
        renew_cookie(request, page, session)
    return no_store(page)


def _shown(request: web.Request, found: Bin, keys: Sequence[str]) -> Sequence[Shown]:
    if not keys:
        return [Shown(caught=caught) for caught in found.requests]
    return [_checked(request, caught, keys[0]) for caught in found.requests]


def _checked(request: web.Request, caught: Caught, key: str) -> Shown:
    """Its age does not matter here: it was judged when it came."""
    headers = {name.lower(): value for name, value in caught.headers}
    check = check_signature(key, headers, caught.body.encode(), caught.at_ms / 1000)
    return Shown(caught=caught, check=check, sentence=check_sentence(words_of(request), check, headers))


def _showing(request: web.Request) -> Showing:
    return Showing(
        words=words_of(request),
        language=request[LANGUAGE],
        zone=ZoneInfo(request.app[CONFIG].ui.time_zone),
        now_ms=_now_ms(request),
    )


def _now_ms(request: web.Request) -> int:
    return round(request.app[NOW]() * 1000)
