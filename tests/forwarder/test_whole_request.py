"""A request with a body of bytes leaves in one piece."""

import asyncio
from typing import Any

import aiohttp
import pytest

from relay.forwarder.whole_request import WholeRequest

BYTES = b'{"snr":1.0}'


async def in_pieces() -> Any:
    yield BYTES


@pytest.mark.parametrize(
    ("body", "ending"),
    [(BYTES, b"\r\n\r\n" + BYTES), (b"", b"Content-Length: 0\r\n\r\n"), (in_pieces(), b"0\r\n\r\n")],
)
async def test_it_is_read_to_its_end_with_one_connection_for_all(body: Any, ending: bytes) -> None:
    arrived, connections = bytearray(), []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        while piece := await reader.read(65536):
            arrived.extend(piece)
            if arrived.endswith(ending):
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook?a=%C5%BE"
    async with server, aiohttp.ClientSession(request_class=WholeRequest) as session:
        for data in (body, b""):
            async with session.post(url, data=data, headers={"webhook-id": "msg_1"}) as response:
                assert response.status == 204
            ending = b"Content-Length: 0\r\n\r\n"
    assert arrived.startswith(b"POST /hook?a=%C5%BE HTTP/1.1\r\n")
    assert len(connections) == 1


async def test_a_header_cannot_break_the_line() -> None:
    async with aiohttp.ClientSession(request_class=WholeRequest) as session:
        server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
        async with server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
            with pytest.raises(ValueError, match=r"(?i)control|newline"):
                await session.post(url, data=BYTES, headers={"a": "b\r\nc: d"})
