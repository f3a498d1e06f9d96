"""What relays for comparison share: aiohttp on both sides and none of the real relay's promises."""

import argparse
import asyncio
import csv
import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web
from yarl import URL

from bench.plan import IN_FLIGHT

JSON = {"Content-Type": "application/json"}
_BACKLOG = 1024
_FORWARDED = ("snr", "device", "rssi", "time", "data")

Keep = Callable[[bytes], Awaitable[None]]
Door = Callable[[web.Request], Awaitable[web.Response]]


async def keep_nothing(_what: bytes) -> None:
    """Forgets it."""


class Baseline:
    """Takes a callback, keeps it as told, answers 204 and posts the five fields behind the answer's back."""

    def __init__(self, webhooks: Mapping[str, URL], session: ClientSession, keep: Keep, settle: Keep) -> None:
        self._webhooks = webhooks
        self._session = session
        self._keep = keep
        self._settle = settle
        self._room = asyncio.Semaphore(IN_FLIGHT)  # fairer than the connector's own limit, and faster
        self._on_the_way: set[asyncio.Task[None]] = set()

    async def take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        device, body = forwarded(raw)
        await self._keep(raw)
        posting = asyncio.create_task(self._post(self._webhooks[device], body))
        self._on_the_way.add(posting)
        posting.add_done_callback(self._on_the_way.discard)
        return web.Response(status=204)

    async def _post(self, url: URL, body: bytes) -> None:
        try:
            async with self._room, self._session.post(url, data=body, headers=JSON) as answer:
                await answer.read()
        except (ClientError, TimeoutError):
            return  # it promised nothing
        await self._settle(body)


def forwarded(raw: bytes) -> tuple[str, bytes]:
    """The device of a callback, and the body of its webhook."""
    callback = json.loads(raw)
    five = {name: callback[name] for name in _FORWARDED}
    return callback["device"], json.dumps(five, separators=(",", ":")).encode()


def read_webhooks(path: Path) -> Mapping[str, URL]:
    """By device."""
    with path.open(newline="") as file:
        return {row["device"]: URL(row["webhook_url"]) for row in csv.DictReader(file)}


@asynccontextmanager
async def posting_session() -> AsyncIterator[ClientSession]:
    async with ClientSession(
        connector=TCPConnector(limit=0, keepalive_timeout=60),
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("Accept", "Accept-Encoding"),
        timeout=ClientTimeout(total=None, sock_connect=5, sock_read=15),
    ) as session:
        yield session


async def serve(options: argparse.Namespace, keep: Keep = keep_nothing, settle: Keep = keep_nothing) -> None:
    """`keep` is awaited before a callback is answered, `settle` after a webhook was taken."""
    async with posting_session() as session:
        relay = Baseline(read_webhooks(options.devices), session, keep, settle)
        await serve_door(relay.take, options.port)


async def serve_door(take: Door, port: int) -> None:
    """Until SIGTERM."""
    app = web.Application()
    app.router.add_post("/sigfox/data", take)
    app.router.add_get("/readyz", _ready)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=_BACKLOG).start()
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await told.wait()
    await runner.cleanup()


async def _ready(_request: web.Request) -> web.Response:
    return web.Response(text="ready")


def parse(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--devices", type=Path, required=True, help="CSV with `device` and `webhook_url`")
    return parser
