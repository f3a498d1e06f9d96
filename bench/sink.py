"""The customers' web servers: take webhooks, keep the books, behave as the path says."""

import asyncio
import random
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from bench.books import Books
from bench.fleet import Customer, Mode
from bench.http1 import Framed, take

_OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
_FAILED = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
_UNAVAILABLE = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
_BACKLOG = 1024


@dataclass(slots=True)
class Connections:
    opened: int = 0
    now: int = 0
    peak: int = 0

    def add(self) -> None:
        self.opened += 1
        self.now += 1
        self.peak = max(self.peak, self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    slow_seconds: float = 3
    flaky_share: float = 0.5


class Sink:
    """All webhooks of a fleet, on every address that its living customers name."""

    def __init__(self, books: Books, manners: Manners) -> None:
        self.books = books
        self.manners = manners
        self.connections = Connections()
        self.soaked = 0
        self._servers: list[asyncio.Server] = []

    async def open(self, fleet: Iterable[Customer], certificates: Path | None) -> None:
        """With a folder of certificates, `HOST.pem` each, it speaks TLS."""
        loop = asyncio.get_running_loop()
        for host, port in sorted({c.address for c in fleet if c.mode is not Mode.DEAD}):
            tls = _tls(certificates / f"{host}.pem") if certificates else None
            server = await loop.create_server(
                lambda: SinkProtocol(self), host, port, backlog=_BACKLOG, ssl=tls
            )
            self._servers.append(server)

    def close(self) -> None:
        for server in self._servers:
            server.close()


def _tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


class SinkProtocol(asyncio.Protocol):
    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._sink.connections.add()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 asyncio's signature
        self._sink.connections.now -= 1

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while self._buffer and (request := take(self._buffer)) is not None:
            self._buffer = self._buffer[request.end :]
            self._handle(request)

    def _handle(self, request: Framed) -> None:
        mode, device = _read_path(request.head)
        if mode == Mode.SPONGE:
            self._sink.soaked += 1
            self._write(_OK, request.closes)
            return
        number = self._sink.books.arrival(device, request.body, time.monotonic())
        match mode:
            case "ok":
                self._take(number, request.closes)
            case "slow":
                delay = self._sink.manners.slow_seconds
                asyncio.get_running_loop().call_later(delay, self._take, number, request.closes)
            case "flaky" if random.random() >= self._sink.manners.flaky_share:
                self._take(number, request.closes)
            case "flaky":
                self._write(_UNAVAILABLE, request.closes)
            case "reset":
                self._transport.abort()
            case "hang":
                pass
            case _:
                self._write(_FAILED, request.closes)

    def _take(self, number: int | None, closes: bool) -> None:
        if self._transport.is_closing():  # a slow answer that nobody waits for any more is no 200
            return
        if number is not None:
            self._sink.books.accept(number, time.monotonic())
        self._write(_OK, closes)

    def _write(self, answer: bytes, closes: bool) -> None:
        self._transport.write(answer)
        if closes:
            self._transport.close()


def _read_path(head: bytes) -> tuple[str, str]:
    """Mode and device of `POST /<mode>/<device>`; ("", "") for anything else."""
    method, _, rest = head.partition(b" ")
    parts = rest.partition(b" ")[0].partition(b"?")[0].split(b"/")
    if method != b"POST" or len(parts) != 3:
        return "", ""
    return parts[1].decode("latin-1"), parts[2].decode("latin-1")
