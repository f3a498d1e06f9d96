"""Listeners that count who comes, and sockets that come to them instead of where they were sent."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

ANSWER = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


@dataclass(slots=True)
class Canaries:
    """`arrivals` is the number of connections; `sent_to` says where each socket was told to connect."""

    places: dict[int, tuple[str, int]] = field(default_factory=dict)
    arrivals: int = 0
    sent_to: list[str] = field(default_factory=list)
    heads: list[bytes] = field(default_factory=list)
    serving: set[asyncio.Task[None]] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.arrivals += 1
        task = asyncio.current_task()
        assert task
        self.serving.add(task)
        task.add_done_callback(self.serving.discard)
        with contextlib.suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            if await reader.readexactly(1) == b"P":  # POST; a TLS client is hung up on
                self.heads.append(b"P" + await reader.readuntil(b"\r\n\r\n"))
                writer.write(ANSWER)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    def new_socket(self, family: int, kind: int, protocol: int) -> socket.socket:
        return _Rerouted(self, family, kind, protocol)


class _Rerouted(socket.socket):
    """Connects to the canary of its family, whatever address it is given."""

    def __init__(self, canaries: Canaries, *arguments: int) -> None:
        super().__init__(*arguments)
        self._canaries = canaries

    def connect(self, address: Any) -> None:
        self._canaries.sent_to.append(address[0])
        super().connect(self._canaries.places[self.family])


@contextlib.asynccontextmanager
async def canaries() -> AsyncIterator[Canaries]:
    """Listeners on 127.0.0.1 and ::1."""
    watched = Canaries()
    async with contextlib.AsyncExitStack() as stack:
        for host in ("127.0.0.1", "::1"):
            server = await stack.enter_async_context(await asyncio.start_server(watched.serve, host, 0))
            listener = server.sockets[0]
            watched.places[listener.family] = listener.getsockname()[:2]
        yield watched
        await asyncio.gather(*watched.serving)
