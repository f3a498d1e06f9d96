"""Reading what receivers answer, also those that break a rule of HTTP which harms nobody."""

import asyncio
from time import monotonic

from aiohttp.client_proto import ResponseHandler

_WITHOUT_BODY = frozenset({b"204", b"304"})


class AnswerHandler(ResponseHandler):
    """Takes the status of an answer that may have no body (RFC 9112 6.3) and brings one all the same.

    aiohttp's parser reads on behind it, finds no further answer, and forgets the first one with that fault: a
    server that took the message would get it again and again.

    One is made for each connection, as soon as the server accepted it: at `reached` (monotonic seconds).
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.reached = monotonic()

    def data_received(self, data: bytes) -> None:
        """Read the head first, so that it is there before the fault."""
        head, end, rest = data.partition(b"\r\n\r\n")
        if rest and head[9:12] in _WITHOUT_BODY:
            super().data_received(head + end)
            data = rest
        super().data_received(data)
