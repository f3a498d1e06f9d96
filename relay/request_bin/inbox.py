"""Where a bin takes whatever is sent to it."""

import asyncio
from collections import OrderedDict

from aiohttp import web

from relay.store.bins import Caught, catch
from relay.web.keys import NOW, STORE

MOST_BODY_BYTES = 16 * 1024
MOST_HEADERS_CHARACTERS = 8 * 1024
READ_WITHIN_SECONDS = 5.0
MOST_A_SECOND = 10
_MOST_COUNTED = 10_000


class Pace:
    """How often a name came within the present second; on this node alone."""

    def __init__(self, most_a_second: int) -> None:
        """More than `most_a_second` is too often."""
        self._most = most_a_second
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def is_kept(self, name: str, now: float) -> bool:
        """Count one more at Unix time `now`; false when it is one too many."""
        second, count = self._counts.pop(name, (0, 0))
        count = count + 1 if second == int(now) else 1
        self._counts[name] = (int(now), count)
        if len(self._counts) > _MOST_COUNTED:
            self._counts.popitem(last=False)
        return count <= self._most


PACE = web.AppKey("bin_pace", Pace)


async def take_request(request: web.Request) -> web.Response:
    """Keep a request, whatever it is, and say so."""
    name, now = request.match_info["name"], request.app[NOW]()
    if not request.app[PACE].is_kept(name, now):
        return web.Response(status=429, text="too many requests in a second\n", headers={"Retry-After": "1"})
    body, cut = await _beginning(request)
    caught = Caught(
        at_ms=round(now * 1000),
        method=request.method,
        query=_storable(request.rel_url.raw_query_string),
        headers=_headers(request),
        body=_storable(body.decode("utf-8", "replace")),
        cut=cut,
    )
    if not await request.app[STORE].driver.transact(catch(name, caught)):
        return web.Response(status=404, text="there is no such bin, or its time is over\n")
    response = web.Response(text="kept\n")
    if cut:
        response.force_close()
    return response


async def _beginning(request: web.Request) -> tuple[bytes, bool]:
    """The first bytes of the body, as far as they come in time; and whether there was more."""
    read = bytearray()
    try:
        async with asyncio.timeout(READ_WITHIN_SECONDS):
            async for chunk in request.content.iter_any():
                read += chunk
                if len(read) > MOST_BODY_BYTES:
                    return bytes(read[:MOST_BODY_BYTES]), True
    except (TimeoutError, ConnectionError, web.RequestPayloadError):
        return bytes(read), True
    return bytes(read), False


def _headers(request: web.Request) -> list[tuple[str, str]]:
    """In the order of arrival, as many as there is room for."""
    kept, room = [], MOST_HEADERS_CHARACTERS
    for name, value in request.headers.items():
        room -= len(name) + len(value)
        if room < 0:
            break
        kept.append((_storable(name), _storable(value)))
    return kept


def _storable(text: str) -> str:
    """As text that every database holds: no NUL, and no half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")
