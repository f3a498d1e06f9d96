"""Just enough HTTP/1.1 for both neighbours of the relay.

Written out because aiohttp would cost the generator more than it costs the relay under test, and both share
the machine. Understood: keep-alive, Content-Length, chunked bodies, `Connection: close`.
"""

from typing import NamedTuple

_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"\r\ncontent-length:"


class Framed(NamedTuple):
    """One request or answer, cut out of a stream; `end` is where the next one begins."""

    head: bytes
    body: bytes
    end: int
    closes: bool


def take(buffer: bytes) -> Framed | None:
    """The first whole message in `buffer`, or None while part of it is missing.

    A message that states neither a length nor chunks has no body. Raises: ValueError.
    """
    split = buffer.find(_END_OF_HEAD)
    if split < 0:
        return None
    head = buffer[:split]
    lowered = head.lower()
    start = split + len(_END_OF_HEAD)
    closes = b"\r\nconnection: close" in lowered
    at = lowered.find(_LENGTH)
    if at >= 0:
        end = start + int(lowered[at + len(_LENGTH) :].split(b"\r\n", 1)[0])
        return Framed(head, buffer[start:end], end, closes) if end <= len(buffer) else None
    if b"\r\ntransfer-encoding: chunked" in lowered:
        return _take_chunked(buffer, head, start, closes)
    return Framed(head, b"", start, closes)


def _take_chunked(buffer: bytes, head: bytes, position: int, closes: bool) -> Framed | None:
    chunks: list[bytes] = []
    while (line_end := buffer.find(b"\r\n", position)) >= 0:
        size = int(buffer[position:line_end].split(b";", 1)[0], 16)
        start = line_end + 2
        position = start + size + 2
        if len(buffer) < position:
            return None
        if size == 0:
            return Framed(head, b"".join(chunks), position, closes)
        chunks.append(buffer[start : start + size])
    return None
