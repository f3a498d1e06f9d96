"""The Sigfox cloud's side: callbacks over kept connections, one request at a time on each."""

import asyncio
import itertools
import ssl
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from bench.books import NEVER, Books
from bench.http1 import take

if TYPE_CHECKING:
    from collections.abc import Callable

_NOTHING = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The relay's ingest, as a client needs it."""

    host: str
    port: int
    head: bytes  # of each request, up to the value of Content-Length
    tls: ssl.SSLContext | None

    @classmethod
    def at(cls, url: str, headers: list[str]) -> "Door":
        parts = urlsplit(url)
        tls = ssl.create_default_context() if parts.scheme == "https" else None
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [f"POST {path} HTTP/1.1", f"Host: {parts.netloc}", "User-Agent: SIGFOX", *headers]
        lines += ["Content-Type: application/json", "Content-Length: "]
        port = parts.port or (443 if tls else 80)
        return cls(host=parts.hostname or "", port=port, head="\r\n".join(lines).encode(), tls=tls)

    def request(self, body: bytes) -> bytes:
        return b"%b%d\r\n\r\n%b" % (self.head, len(body), body)


class IngestConnection(asyncio.Protocol):
    def __init__(self, generator: "Generator", door: Door) -> None:
        self._generator = generator
        self.door = door
        self._buffer = b""
        self.number = _NOTHING
        self.since = NEVER

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def send(self, number: int, request: bytes, now: float) -> None:
        self.number, self.since = number, now
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        try:
            answer = take(self._buffer)
        except ValueError:
            self.give_up("unreadable answer")
            return
        if answer is None:
            return
        self._buffer = self._buffer[answer.end :]
        self._finish(answer.head[9:12].decode("latin-1"))
        if answer.closes:
            self.transport.close()
        else:
            self._generator.free(self)

    def give_up(self, trouble: str) -> None:
        self._finish(trouble)
        self.transport.abort()

    def _finish(self, answer: str) -> None:
        number, self.number = self.number, _NOTHING
        if number != _NOTHING:
            self._generator.answered(number, answer)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 asyncio's signature
        self._finish("connection lost")
        self._generator.lost(self)


class Generator:
    """Sends a message at once when a connection is free or may be opened, else as soon as one is.

    Connections are opened to each door in turn.
    """

    def __init__(
        self, doors: Sequence[Door], books: Books, *, max_connections: int, timeout_seconds: float
    ) -> None:
        self.unanswered = 0
        self.peak_waiting = 0
        self.on_answer: Callable[[int], None] = lambda _: None
        self._doors = itertools.cycle(doors)
        self._books = books
        self._max_connections = max_connections
        self._timeout_seconds = timeout_seconds
        self._connections: set[IngestConnection] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._free: list[IngestConnection] = []
        self._waiting: deque[int] = deque()

    async def open(self, connections: int) -> None:
        """Opens them before the clock starts."""
        await asyncio.gather(*(self._connect() for _ in range(connections)))

    def offer(self, number: int) -> None:
        self.unanswered += 1
        if self._free:
            self._send(self._free.pop(), number)
            return
        self._waiting.append(number)
        self.peak_waiting = max(self.peak_waiting, len(self._waiting))
        self._widen()

    def free(self, connection: IngestConnection) -> None:
        if self._waiting:
            self._send(connection, self._waiting.popleft())
        else:
            self._free.append(connection)

    def lost(self, connection: IngestConnection) -> None:
        self._connections.discard(connection)
        if connection in self._free:
            self._free.remove(connection)
        self._widen()

    def answered(self, number: int, answer: str) -> None:
        self.unanswered -= 1
        self._books.answer(number, answer, time.monotonic())
        self.on_answer(number)

    def end_overdue(self) -> None:
        """Gives up what has waited too long for its answer; to be called now and then."""
        limit = time.monotonic() - self._timeout_seconds
        for connection in list(self._connections):
            if connection.number != _NOTHING and connection.since < limit:
                connection.give_up("timeout")

    def close(self) -> None:
        for connection in list(self._connections):
            connection.transport.abort()

    def _send(self, connection: IngestConnection, number: int) -> None:
        now = time.monotonic()
        if self._books.sent[number] == NEVER:
            self._books.sent[number] = now
        connection.send(number, connection.door.request(self._books.callback(number)), now)

    def _widen(self) -> None:
        in_use = len(self._connections) + len(self._opening)
        if self._waiting and in_use < self._max_connections:
            opening = asyncio.ensure_future(self._connect())
            self._opening.add(opening)
            opening.add_done_callback(self._opening.discard)

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        door = next(self._doors)
        try:
            _, connection = await loop.create_connection(
                lambda: IngestConnection(self, door), door.host, door.port, ssl=door.tls
            )
        except OSError as error:
            if self._waiting:
                self.answered(self._waiting.popleft(), type(error).__name__)
            self._widen()
            return
        self._connections.add(connection)
        self.free(connection)
