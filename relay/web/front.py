"""What programs call most, before the pages: it has none of what stands around those."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import StreamReader, hdrs, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http_parser import RawRequestMessage

from relay.web.headers import SERVER_NAME

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def put_before(server: web.Server, folder: str, handler: Handler, most_bytes: int) -> None:
    """Let `handler` answer what lies in `folder` (`/a/`), and the application of the server all else.

    A request for the folder has no application, route or middleware, and a body of at most `most_bytes`.
    """
    behind, make_page_request = server.request_handler, server.request_factory
    loop = asyncio.get_running_loop()

    def make_request(
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: web.RequestHandler,
        writer: AbstractStreamWriter,
        task: "asyncio.Task[None]",
    ) -> web.BaseRequest:
        if f"{message.url.path}/".startswith(folder):
            return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=most_bytes)
        return make_page_request(message, payload, protocol, writer, task)

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        if isinstance(request, web.Request):
            return await behind(request)
        await _let_body_come(request)
        return await handler(request)

    server.request_handler, server.request_factory = handle, make_request


async def _let_body_come(request: web.BaseRequest) -> None:
    """Answer `Expect: 100-continue` (RFC 9110 10.1.1), as aiohttp's routes do.

    Raises:
        web.HTTPExpectationFailed: Something else is expected.
    """
    expected = request.headers.get(hdrs.EXPECT)
    if expected is None:
        return
    if expected.lower() != "100-continue":
        raise web.HTTPExpectationFailed(headers={hdrs.SERVER: SERVER_NAME})
    await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    request.writer.output_size = 0
