"""A request that leaves at once."""

from typing import Any

import aiohttp
from aiohttp import hdrs
from aiohttp.connector import Connection
from aiohttp.http import StreamWriter


class WholeRequest(aiohttp.ClientRequest):
    """Sends a body of bytes in one piece with its headers.

    For any body aiohttp starts a task, which before Python 3.12 costs another turn of the loop.
    """

    _whole: bytes | None = None

    def update_body_from_data(self, body: Any, _stacklevel: int = 3) -> None:
        """Take bytes as they are; anything else goes aiohttp's way."""
        if not isinstance(body, bytes):
            super().update_body_from_data(body, _stacklevel)
            return
        self._whole = body
        self.headers[hdrs.CONTENT_LENGTH] = str(len(body))

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        """Write everything, and give the response that is to be read."""
        protocol = conn.protocol
        if self._whole is None or protocol is None:
            return await super().send(conn)
        writer = StreamWriter(protocol, self.loop)
        await writer.write_headers(f"{self.method} {self.url.raw_path_qs} HTTP/1.1", self.headers)
        await writer.write_eof(self._whole)
        protocol.start_timeout()
        return self.response_class(
            self.method,
            self.original_url,
            writer=None,
            continue100=None,
            timer=self._timer,
            request_info=self.request_info,
            traces=self._traces,
            loop=self.loop,
            session=self._session,
            stream_writer=writer,
        )
