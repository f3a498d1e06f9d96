"""Telling a page that is open that something changed: server-sent events."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from relay.device_pages.message_filter import read_filter, read_place
from relay.device_pages.messages import settings_for
from relay.device_pages.owned import Owned
from relay.store.message_filter import Place
from relay.store.messages import MOST_COUNTED, Messages
from relay.web.keys import METRICS, STORE

MOST_WATCHERS = 500
"""Of one node; more get a page that has to be reloaded by hand."""
LASTS_SECONDS = 15 * 60
"""Then the browser connects again, and has to be signed in still."""
SIGN_OF_LIFE_SECONDS = 20
PAUSE_SECONDS = 0.5
"""What changes in quick succession is told together."""

WATCHERS = web.AppKey("watchers", set[asyncio.Task[object]])


def setup(app: web.Application) -> None:
    """Have all streams end when the relay does."""
    app[WATCHERS] = set()
    app.on_shutdown.append(_end_all)


async def stream_changes(request: web.Request, owned: Owned) -> web.StreamResponse:
    """Say how many messages are newer than the newest on the page, at each change of the device."""
    watchers = request.app[WATCHERS]
    task = asyncio.current_task()
    if len(watchers) >= MOST_WATCHERS or task is None:
        raise web.HTTPServiceUnavailable
    response = web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
    await response.prepare(request)
    watchers.add(task)
    request.app[METRICS].streams = len(watchers)
    try:
        async with asyncio.timeout(LASTS_SECONDS):
            await _tell(request, owned, response)
    except (TimeoutError, ConnectionError):
        pass  # the browser comes back, or is gone
    finally:
        watchers.discard(task)
        request.app[METRICS].streams = len(watchers)
    return response


async def _tell(request: web.Request, owned: Owned, response: web.StreamResponse) -> None:
    count = await _counter(request, owned)
    async with request.app[STORE].notices.watch(owned.device.number) as watch:
        await response.write(b"retry: 3000\n\n")
        if newer := await count():  # came while the page was read
            await response.write(_event(owned, newer))
        waiting = asyncio.ensure_future(anext(watch))
        try:
            while True:
                done, _ = await asyncio.wait({waiting}, timeout=SIGN_OF_LIFE_SECONDS)
                if not done:
                    await response.write(b"event: alive\ndata:\n\n")
                    continue
                waiting = asyncio.ensure_future(anext(watch))
                await response.write(_event(owned, await count()))
                await asyncio.sleep(PAUSE_SECONDS)
        finally:
            waiting.cancel()


async def _counter(request: web.Request, owned: Owned) -> Callable[[], Awaitable[int]]:
    """How many messages that the page would show are newer than the newest on it."""
    messages, device = Messages(request.app[STORE].driver), owned.device.number
    newest = read_place(request.query.get("after", "")) or Place(time=0)
    wanted = read_filter(request.query, owned, await settings_for(request, owned)).meant

    async def count() -> int:
        if not wanted.is_narrow:
            return await messages.count_newer(device, newest)
        return len((await messages.newer(device, wanted, newest, MOST_COUNTED)).messages)

    return count


def _event(owned: Owned, newer: int) -> bytes:
    words, facts = owned.show.words, {"num": newer}
    sentence = words.ngettext("%(num)s new message, show it", "%(num)s new messages, show them", newer)
    waiting = words.ngettext("%(num)s new message waits.", "%(num)s new messages wait.", newer)
    told = json.dumps({"newer": newer, "sentence": sentence % facts, "waiting": waiting % facts})
    return f"event: change\ndata: {told}\n\n".encode()


async def _end_all(app: web.Application) -> None:
    for task in app[WATCHERS]:
        task.cancel()
