"""One HTTP/1.1 exchange on a connection of aiohttp's pool.

aiohttp connects, keeps connections and parses what comes; its client session is left out. Redirects, cookies,
proxies and streamed bodies are what a webhook must not have, and they cost as much as all the rest.
"""

import asyncio
import re
from dataclasses import dataclass, field
from functools import lru_cache
from time import monotonic
from typing import NamedTuple, Self

import aiohttp
from aiohttp.connector import Connection
from aiohttp.http import RawResponseMessage
from yarl import URL

from relay.deadlines import Deadlines
from relay.forwarder.answers import AnswerHandler
from relay.forwarder.connecting import Connecting
from relay.forwarder.prepare import WebhookRequest

MOST_READ_BYTES = 16 * 1024

_ROUTES_KEPT = 10_000
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SWITCHING_PROTOCOLS = 101


@dataclass(slots=True, kw_only=True)
class Exchange:
    """An exchange as far as it went; times are monotonic seconds.

    `message` is the head of the answer; `body` its beginning, at most `MOST_READ_BYTES`.
    """

    started: float = field(default_factory=monotonic)
    connecting: Connecting = field(default_factory=Connecting)
    reached: float | None = None
    address: str = ""
    message: RawResponseMessage | None = None
    answered: float | None = None
    body: bytes = b""

    def ms_until(self, moment: float | None) -> int | None:
        """Milliseconds from the start to a moment, if it came."""
        return None if moment is None else round((moment - self.started) * 1000)


class _Route(NamedTuple):
    """Where a URL leads, in aiohttp's terms, and the lines with which each request there begins."""

    target: aiohttp.ClientRequest
    head: str


class WebhookClient:
    """Makes requests; it is limited by what the connector allows, and by `total_seconds` for each."""

    def __init__(
        self, connector: aiohttp.TCPConnector, *, total_seconds: float, connect_seconds: float
    ) -> None:
        self._loop = asyncio.get_running_loop()  # asking for it is a system call before Python 3.12
        self._connector = connector
        self._deadlines = Deadlines(total_seconds)
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_seconds)
        self._route = lru_cache(_ROUTES_KEPT)(_route)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connector.close()

    async def carry_out(self, request: WebhookRequest, exchange: Exchange) -> None:
        """Make the request; what comes of it is written into `exchange` as it comes.

        Raises:
            Exception: The exchange did not come to its end; which ones, `send.cause_of_error` knows.
        """
        route = self._route(request.method, request.url)
        lines = _lines(route, request)
        task = asyncio.current_task(self._loop)
        if task is None:
            raise RuntimeError("an exchange needs a task that can be cancelled")
        deadline = self._deadlines.start(task.cancel)
        try:
            await self._through(route, lines, request.body, exchange)
        except asyncio.CancelledError:
            if deadline.is_over and not task.uncancel():
                raise TimeoutError from None
            raise
        finally:
            deadline.cancel()

    async def _through(self, route: _Route, lines: bytes, body: bytes, exchange: Exchange) -> None:
        connection = await self._connect(route, exchange)
        try:
            await _exchange(connection, lines, body, exchange)
            connection.release()  # to be kept, if it is fit for that
        finally:
            connection.close()

    async def _connect(self, route: _Route, exchange: Exchange) -> Connection:
        try:
            return await self._connector.connect(route.target, [exchange.connecting], self._timeout)
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError from error


def _route(method: str, url: URL) -> _Route:
    if url.scheme not in ("http", "https"):
        raise aiohttp.InvalidURL(url)
    target = aiohttp.ClientRequest(method, url, loop=asyncio.get_running_loop())
    head = f"{method} {url.raw_path_qs} HTTP/1.1\r\nHost: {url.host_port_subcomponent}\r\nAccept: */*\r\n"
    return _Route(target, head + "Accept-Encoding: identity\r\n")  # what unfolds here could fill the memory


def _lines(route: _Route, request: WebhookRequest) -> bytes:
    """
    Raises:
        ValueError: A header would break its line.
    """
    headers = request.headers
    if _CONTROL.search("".join((*headers, *headers.values()))):
        raise ValueError("a header holds a control character")
    written = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    length = f"Content-Length: {len(request.body)}\r\n" if request.body or request.method != "GET" else ""
    return f"{route.head}{written}{length}\r\n".encode()


async def _exchange(connection: Connection, lines: bytes, body: bytes, exchange: Exchange) -> None:
    protocol, transport = connection.protocol, connection.transport
    if protocol is None or transport is None:
        raise aiohttp.ServerDisconnectedError
    exchange.address = _address(transport)
    if exchange.connecting.connected and isinstance(protocol, AnswerHandler) and _has_tls(transport):
        exchange.reached = protocol.reached
    protocol.set_response_params(read_until_eof=True, auto_decompress=False, read_bufsize=MOST_READ_BYTES)
    transport.write(lines + body)  # in one piece: a receiver need not wait for the rest
    message, content = await protocol.read()
    while message.code < 200 and message.code != _SWITCHING_PROTOCOLS:
        message, content = await protocol.read()
    exchange.message, exchange.answered = message, monotonic()
    while len(exchange.body) < MOST_READ_BYTES and not content.at_eof():
        exchange.body += await content.read(MOST_READ_BYTES - len(exchange.body))


def _has_tls(transport: asyncio.BaseTransport) -> bool:
    return transport.get_extra_info("sslcontext") is not None


def _address(transport: asyncio.BaseTransport) -> str:
    """Empty when it is gone already."""
    place = transport.get_extra_info("peername")
    return str(place[0]) if place else ""
