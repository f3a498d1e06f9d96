"""How long a client may take for its first request."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from relay.web.first_request import listen

REQUEST = b"GET / HTTP/1.1\r\nHost: relay\r\n\r\n"


async def say_ok(_: web.BaseRequest) -> web.StreamResponse:
    return web.Response(text="ok")


@asynccontextmanager
async def connected(
    first_request_within_seconds: float,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A client's connection to a server with this patience."""
    runner = web.ServerRunner(web.Server(say_ok))
    await runner.setup()
    assert runner.server is not None
    listener = await listen(
        runner.server, "127.0.0.1", 0, backlog=8, first_request_within_seconds=first_request_within_seconds
    )
    try:
        reader, writer = await asyncio.open_connection(*listener.sockets[0].getsockname())
        yield reader, writer
        writer.close()
    finally:
        listener.close()
        await runner.cleanup()


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nX-A: ", b"GET / HTTP/1.1\r\nHost: relay\r\n\r"])
async def test_a_client_that_holds_its_first_header_back_is_cut(said: bytes) -> None:
    async with connected(0.05) as (reader, writer):
        writer.write(said)
        assert await reader.read() == b""


async def test_a_header_may_come_in_pieces() -> None:
    async with connected(30) as (reader, writer):
        for byte in REQUEST:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")


async def test_after_the_first_request_the_connection_is_kept() -> None:
    async with connected(0.2) as (reader, writer):
        for pause_seconds in (0.4, 0.0):
            writer.write(REQUEST)
            assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
            await asyncio.sleep(pause_seconds)


async def test_what_is_no_http_is_answered_and_cut() -> None:
    async with connected(30) as (reader, writer):
        writer.write(b"\x16\x03\x01\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.0 400")
