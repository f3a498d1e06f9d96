"""What the two relays for comparison share: aiohttp on both sides and none of the real relay's promises."""

import argparse
import asyncio
import csv
import json
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web
from yarl import URL

_BACKLOG = 1024
_IN_FLIGHT = 64
_FORWARDED = ("snr", "device", "rssi", "time", "data")
_JSON = {"Content-Type": "application/json"}

Keep = Callable[[bytes], Awaitable[None]]


async def keep_nothing(_what: bytes) -> None:
    """Forgets it."""


class Baseline:
    """Takes a callback, keeps it as told, answers 204 and posts the five fields behind the answer's back."""

    def __init__(self, webhooks: dict[str, URL], session: ClientSession, keep: Keep, settle: Keep) -> None:
        self._webhooks = webhooks
        self._session = session
        self._keep = keep
        self._settle = settle
        self._room = asyncio.Semaphore(_IN_FLIGHT)  # fairer than the connector's own limit, and faster
        self._on_the_way: set[asyncio.Task[None]] = set()

    async def take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        callback = json.loads(raw)
        body = json.dumps({name: callback[name] for name in _FORWARDED}, separators=(",", ":")).encode()
        await self._keep(raw)
        posting = asyncio.create_task(self._post(self._webhooks[callback["device"]], body))
        self._on_the_way.add(posting)
        posting.add_done_callback(self._on_the_way.discard)
        return web.Response(status=204)

    async def _post(self, url: URL, body: bytes) -> None:
        try:
            async with self._room, self._session.post(url, data=body, headers=_JSON) as answer:
                await answer.read()
        except (ClientError, TimeoutError):
            return  # it promised nothing
        await self._settle(body)


async def _ready(_request: web.Request) -> web.Response:
    return web.Response(text="ready")


def _read_webhooks(path: Path) -> dict[str, URL]:
    with path.open(newline="") as file:
        return {row["device"]: URL(row["webhook_url"]) for row in csv.DictReader(file)}


async def serve(options: argparse.Namespace, keep: Keep = keep_nothing, settle: Keep = keep_nothing) -> None:
    """`keep` is awaited before a callback is answered, `settle` after a webhook was taken."""
    connector = TCPConnector(limit=0, keepalive_timeout=60)
    async with ClientSession(
        connector=connector,
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=("Accept", "Accept-Encoding"),
        timeout=ClientTimeout(total=None, sock_connect=5, sock_read=15),
    ) as session:
        relay = Baseline(_read_webhooks(options.devices), session, keep, settle)
        app = web.Application()
        app.router.add_post("/sigfox/data", relay.take)
        app.router.add_get("/readyz", _ready)
        await _until_told(app, options.port)


async def _until_told(app: web.Application, port: int) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=_BACKLOG).start()
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await told.wait()
    await runner.cleanup()


def parse(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--devices", type=Path, required=True, help="CSV with `device` and `webhook_url`")
    return parser
