"""Small servers that play the customers' webhooks on loopback."""

import asyncio
import enum
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Self

from aiohttp import web

FLAKY_REFUSALS = 2
MAX_REMEMBERED_IDS = 10_000
STOP_WITHIN_SECONDS = 1.0


class Behaviour(enum.StrEnum):
    """How a customer's server answers."""

    GOOD = "good"
    FLAKY = "flaky"
    SLOW = "slow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A request and how it is answered; `time` is Unix seconds, header names are in lower case."""

    receiver: str
    time: float
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int


def _ignore(_arrival: Arrival) -> None: ...


class Receiver:
    """A webhook on a free loopback port while its `async with` block lasts; takes any path and method.

    GOOD answers 204. FLAKY answers 503 to the first two requests of each `webhook-id`, then 200. SLOW
    answers 200 after `slow_seconds`. `on_request` is told of each request before it is answered.
    """

    def __init__(
        self,
        name: str,
        behaviour: Behaviour = Behaviour.GOOD,
        *,
        slow_seconds: float = 2.0,
        keep: int = 1000,
        on_request: Callable[[Arrival], None] = _ignore,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self.behaviour = behaviour
        self._slow_seconds = slow_seconds
        self._on_request = on_request
        self._sleep = sleep
        self._clock = clock
        self._arrivals: deque[Arrival] = deque(maxlen=keep)
        self._refusals: dict[str, int] = {}

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_WITHIN_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}/{self.name}"

    @property
    def arrivals(self) -> tuple[Arrival, ...]:
        """The latest requests, oldest first."""
        return tuple(self._arrivals)

    async def _receive(self, request: web.Request) -> web.Response:
        arrival = Arrival(
            receiver=self.name,
            time=self._clock(),
            method=request.method,
            path=request.raw_path,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.read(),
            status=self._status(request.headers.get("webhook-id", "")),
        )
        self._arrivals.append(arrival)
        self._on_request(arrival)
        if self.behaviour is Behaviour.SLOW:
            await self._sleep(self._slow_seconds)
        return web.Response(status=arrival.status)

    def _status(self, webhook_id: str) -> int:
        match self.behaviour:
            case Behaviour.GOOD:
                return 204
            case Behaviour.SLOW:
                return 200
            case Behaviour.FLAKY:
                return 503 if self._refuses(webhook_id) else 200

    def _refuses(self, webhook_id: str) -> bool:
        refusals = self._refusals.get(webhook_id, 0)
        if refusals >= FLAKY_REFUSALS:
            return False
        self._refusals[webhook_id] = refusals + 1
        if len(self._refusals) > MAX_REMEMBERED_IDS:
            del self._refusals[next(iter(self._refusals))]
        return True
