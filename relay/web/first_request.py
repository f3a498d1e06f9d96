"""Connections whose first request does not come are cut.

aiohttp has one time for two things: how long a connection may idle between requests, which must be longer
than a reverse proxy keeps it, and how long a client may hold back its first header, which should be short.
"""

import asyncio

from aiohttp import web

_HEADER_END = b"\r\n\r\n"


async def listen(
    server: web.Server, host: str, port: int, *, backlog: int, first_request_within_seconds: float
) -> asyncio.Server:
    """Listen for an aiohttp server.

    Raises:
        OSError: It cannot listen there.
    """
    return await asyncio.get_running_loop().create_server(
        lambda: FirstRequest(server(), first_request_within_seconds), host, port, backlog=backlog
    )


class FirstRequest(asyncio.Protocol):
    """Stands before aiohttp's protocol until a first header is complete, and then steps aside."""

    def __init__(self, inner: asyncio.Protocol, within_seconds: float) -> None:
        self._inner = inner
        self._within_seconds = within_seconds
        self._tail = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Give the client its time."""
        self._transport = transport
        self._deadline = asyncio.get_running_loop().call_later(self._within_seconds, transport.close)
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Pass it on, and look for the header's end."""
        seen = self._tail + data
        if _HEADER_END in seen:
            self._deadline.cancel()
            self._transport.set_protocol(self._inner)
        self._tail = seen[1 - len(_HEADER_END) :]
        self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass it on."""
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        """Pass it on."""
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass it on."""
        self._inner.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        """Pass it on."""
        self._deadline.cancel()
        self._inner.connection_lost(error)
