"""A relay that answers as told, a sleep that takes no time, and messages to send."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from relay.simulator.fleet import Transmission
from relay.simulator.message import Message
from relay.simulator.shapes import Style, Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    number: int


Answering = Callable[[Call], web.Response | Awaitable[web.Response]]


class StandIn:
    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answering: Answering = lambda call: web.Response(status=204)
        self.url = ""

    async def receive(self, request: web.Request) -> web.Response:
        call = Call(
            method=request.method,
            path=request.raw_path.partition("?")[0],
            query=request.raw_path.partition("?")[2],
            headers=request.headers,
            body=await request.read(),
            number=len(self.calls) + 1,
        )
        self.calls.append(call)
        answer = self.answering(call)
        return answer if isinstance(answer, web.Response) else await answer


class Slept:
    """Stands in for `asyncio.sleep`: notes the seconds and lets no time pass."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


MESSAGE = Message(
    device=0x1CB3,
    time=1_700_000_000,
    data="0a1e24",
    seq_number=42,
    rssi=-121.5,
    snr=12.3,
    station="0AF0",
)


def make_message(**changes: Any) -> Message:
    return dataclasses.replace(MESSAGE, **changes)


def make_transmission(
    *, twice: bool = False, style: Style = Style.JSON_STRINGS, **changes: Any
) -> Transmission:
    return Transmission(message=make_message(**changes), template=Template(style=style), twice=twice)
