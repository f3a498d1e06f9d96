"""Receivers that answer as they like: raw TCP servers on loopback."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Answer = Callable[[asyncio.StreamWriter, "Request"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came over the wire."""

    head: bytes
    body: bytes

    @property
    def target(self) -> str:
        return self.head.split(b" ", 2)[1].decode()

    @property
    def headers(self) -> dict[str, str]:
        lines = self.head.decode().split("\r\n")[1:]
        return {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
        }


@dataclass(slots=True)
class Receiver:
    """`connections` counts accepts, `requests` holds what came, `most_at_once` how many were unanswered."""

    answer: Answer
    host: str = "127.0.0.1"
    port: int = 0
    connections: int = 0
    closed: int = 0
    requests: list[Request] = field(default_factory=list)
    unanswered: int = 0
    most_at_once: int = 0
    _serving: set[asyncio.Task[None]] = field(default_factory=set)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def url(self, rest: str = "/hook", host: str = "", scheme: str = "http") -> str:
        return f"{scheme}://{host or self.host}:{self.port}{rest}"

    async def until(self, condition: Callable[["Receiver"], bool]) -> None:
        """Wait for what the receiver sees, not for time."""
        async with asyncio.timeout(30), self._changed:
            await self._changed.wait_for(lambda: condition(self))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._serving.add(task)
        self.connections += 1
        try:
            while request := await _read(reader):
                await self._answer(writer, request)
        except (OSError, asyncio.CancelledError):  # asyncio complains of connections that end cancelled
            return
        finally:
            writer.close()
            self.closed += 1
            self._serving.discard(task)
            await asyncio.shield(self._tell())

    async def _answer(self, writer: asyncio.StreamWriter, request: Request) -> None:
        self.requests.append(request)
        self.unanswered += 1
        self.most_at_once = max(self.most_at_once, self.unanswered)
        await self._tell()
        try:
            await self.answer(writer, request)
            await writer.drain()
        finally:
            self.unanswered -= 1

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def stop(self) -> None:
        serving = list(self._serving)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        request = Request(head, b"")
        length = int(request.headers.get("content-length", "0"))
        return Request(head, await reader.readexactly(length))
    except asyncio.IncompleteReadError:
        return None


def says(raw: bytes) -> Answer:
    """Answers each request with these bytes and keeps the connection."""

    async def answer(writer: asyncio.StreamWriter, _: Request) -> None:
        writer.write(raw)

    return answer


def says_and_closes(raw: bytes) -> Answer:
    async def answer(writer: asyncio.StreamWriter, _: Request) -> None:
        writer.write(raw)
        writer.close()

    return answer


def resets(raw: bytes = b"") -> Answer:
    async def answer(writer: asyncio.StreamWriter, _: Request) -> None:
        writer.write(raw)
        await writer.drain()
        writer.transport.abort()

    return answer


def hangs(raw: bytes = b"") -> Answer:
    """Says this much and then nothing, until the client goes."""

    async def answer(writer: asyncio.StreamWriter, _: Request) -> None:
        writer.write(raw)
        await writer.drain()
        await asyncio.Event().wait()

    return answer


def repeats(start: bytes, again: bytes, pause_seconds: float = 0.0) -> Answer:
    """Never ends by itself."""

    async def answer(writer: asyncio.StreamWriter, _: Request) -> None:
        writer.write(start)
        while not writer.is_closing():
            writer.write(again)
            await writer.drain()
            await asyncio.sleep(pause_seconds)

    return answer


def status(code: int, body: bytes = b"", headers: str = "") -> bytes:
    return f"HTTP/1.1 {code} Whatever\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


@contextlib.asynccontextmanager
async def receiver(
    answer: Answer | bytes = OK, *, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """A receiver that listens on a free port."""
    made = Receiver(says(answer) if isinstance(answer, bytes) else answer, host=host)
    server = await asyncio.start_server(made.serve, host, 0, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        await made.stop()
        await server.wait_closed()
