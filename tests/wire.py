"""HTTP/1.1 by hand, for requests that no decent client makes."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

_ANSWER_WITHIN_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back; `status` is None when nothing did, `closed` tells that the server closed in time."""

    status: int | None
    head: str
    body: bytes
    closed: bool

    @property
    def what_matters(self) -> tuple[int | None, bytes]:
        """The same for two requests that must not be told apart."""
        return self.status, self.body


def request_bytes(
    method: str, target: str, headers: Mapping[str, str], body: bytes, *, chunked: bool = False
) -> bytes:
    """A whole request that asks the server to close the connection afterwards."""
    framing = {"Transfer-Encoding": "chunked"} if chunked else {"Content-Length": str(len(body))}
    given = {"Host": "relay", **headers, **(framing if body else {}), "Connection": "close"}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items()), "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + (_chunks(body) if chunked else body)


def _chunks(body: bytes, size: int = 8000) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in [*parts, b""])


async def exchange(
    port: int, request: bytes, *, half_close: bool = False, within_seconds: float = _ANSWER_WITHIN_SECONDS
) -> Reply:
    """Send bytes to a loopback port; read until the server closes, or answers and keeps the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        sending = asyncio.create_task(_send(writer, request, half_close))
        try:
            async with asyncio.timeout(within_seconds):
                reply = await _read_reply(reader)
        except TimeoutError:
            reply = Reply(status=None, head="", body=b"", closed=False)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        return reply
    finally:
        writer.transport.abort()


async def _send(writer: asyncio.StreamWriter, request: bytes, half_close: bool) -> None:
    writer.write(request)
    await writer.drain()
    if half_close:
        writer.write_eof()


async def _read_reply(reader: asyncio.StreamReader) -> Reply:
    """A server that closes with our bytes unread makes the kernel reset the connection: as good as an end."""
    received = bytearray()
    try:
        while chunk := await reader.read(65536):
            received += chunk
            reply = _parse(received, closed=False)
            if "connection: close" not in reply.head.lower() and _is_whole(reply):
                return reply
    except ConnectionError:
        pass
    return _parse(received, closed=True)


def _parse(received: bytearray, *, closed: bool) -> Reply:
    head, end, body = bytes(received).partition(b"\r\n\r\n")
    if not end:
        return Reply(status=None, head="", body=bytes(received), closed=closed)
    return Reply(status=int(head.split()[1]), head=head.decode("latin-1"), body=body, closed=closed)


def _is_whole(reply: Reply) -> bool:
    fields = (line.partition(":") for line in reply.head.lower().splitlines()[1:])
    length = next((int(value) for name, _, value in fields if name == "content-length"), 0)
    return reply.status is not None and len(reply.body) >= length
