"""A customer's server that does as a test tells it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import web
from standardwebhooks import Webhook

ARRIVES_WITHIN_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One webhook as it was received."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def webhook_id(self) -> str:
        """What tells a repeated webhook from a new one."""
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> Any:
        """The message, after an independent judge checked the signature."""
        return Webhook(secret).verify(self.body, dict(self.headers))


Answering = Callable[[Arrival], Awaitable[int]]


def with_status(status: int) -> Answering:
    """Answer everything with one status."""

    async def answer(_: Arrival) -> int:
        return status

    return answer


class Receiver:
    """Takes any path on one loopback port for as long as its `async with` block lasts, up or down."""

    def __init__(self) -> None:
        self.answering = with_status(204)
        self.port = 0
        self._arrivals: asyncio.Queue[Arrival] = asyncio.Queue()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.come_up()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.go_down()

    @property
    def url(self) -> str:
        """A webhook URL of this server."""
        return f"http://127.0.0.1:{self.port}/hook"

    async def come_up(self) -> None:
        """Listen, on the same port as before."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def go_down(self) -> None:
        """Listen no more: connections are refused."""
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None

    async def arrival(self) -> Arrival:
        """The next webhook that arrives, or that has arrived and was not asked for yet."""
        return await asyncio.wait_for(self._arrivals.get(), ARRIVES_WITHIN_SECONDS)

    @property
    def has_more(self) -> bool:
        """Whether something arrived that nobody asked for yet."""
        return not self._arrivals.empty()

    async def _receive(self, request: web.Request) -> web.Response:
        arrival = Arrival(
            path=request.raw_path,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.read(),
        )
        self._arrivals.put_nowait(arrival)
        return web.Response(status=await self.answering(arrival))
