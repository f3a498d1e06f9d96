"""Plays the Sigfox cloud: calls, waits, repeats, reads downlinks."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Self

import aiohttp

from relay.domain.uplink import Kind
from relay.simulator.answer import Answer, read_answer
from relay.simulator.fleet import Transmission
from relay.simulator.ingest import Ingest
from relay.simulator.report import Attempt, Report, Tally
from relay.simulator.services import callback_of
from relay.simulator.shapes import (
    CallbackRequest,
    acknowledge_callback,
    data_callback,
)

# Sigfox, callback integration: an answer within 10 s, else again after 1, 2 and 4 minutes, then never.
ANSWER_WITHIN_SECONDS = 10.0
REPEAT_AFTER_SECONDS = (60.0, 120.0, 240.0)
ADVANCED_AFTER_SECONDS = 25.0
ACKNOWLEDGE_AFTER_SECONDS = 30.0

MAX_IN_FLIGHT = 128

Sleep = Callable[[float], Awaitable[object]]


def _ignore(_attempt: Attempt) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much faster than the real cloud: with a `speed` of 60 a minute becomes a second.

    The time allowed for an answer never shrinks below `least_timeout_seconds`: a shorter one would test
    the machine and not the relay.
    """

    speed: float = 1.0
    least_timeout_seconds: float = 2.0

    def scaled(self, seconds: float) -> float:
        return seconds / self.speed

    @property
    def timeout_seconds(self) -> float:
        return max(self.scaled(ANSWER_WITHIN_SECONDS), self.least_timeout_seconds)


class Cloud:
    """Sends the callbacks of transmissions to one relay; an async context manager.

    `advanced` and `acknowledge` add the callbacks of these kinds, `kinds` any. `on_attempt` sees each request
    that ended, as it ends.
    """

    def __init__(
        self,
        ingest: Ingest,
        *,
        pace: Pace | None = None,
        advanced: bool = False,
        acknowledge: bool = False,
        kinds: Iterable[Kind] = (),
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        on_attempt: Callable[[Attempt], None] = _ignore,
    ) -> None:
        self._ingest = ingest
        self._pace = pace or Pace()
        asked = frozenset(kinds)
        self._acknowledge = acknowledge or Kind.ACKNOWLEDGE in asked
        advanced_kinds = {Kind.DATA_ADVANCED} if advanced else set()
        self._services = sorted((asked | advanced_kinds) - {Kind.DATA, Kind.ACKNOWLEDGE})
        self._sleep = sleep
        self._clock = clock
        self._on_attempt = on_attempt
        self._in_flight = asyncio.Semaphore(MAX_IN_FLIGHT)

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(total=self._pace.timeout_seconds),
            skip_auto_headers=("Accept", "Content-Type"),
        )
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._session.close()

    async def run(
        self, transmissions: Iterable[Transmission], *, rate_per_second: float | None = None
    ) -> Report:
        """Send everything, wait for the last repeat, and report.

        `rate_per_second` is in real seconds, whatever the pace; None sends without pausing.
        """
        tally = Tally()
        started = self._clock()
        async with asyncio.TaskGroup() as group:
            for at, transmission in enumerate(transmissions):
                if rate_per_second is not None:
                    await self._sleep(max(0.0, started + at / rate_per_second - self._clock()))
                group.create_task(self._transmit(transmission, tally))
        return tally.report()

    async def _transmit(self, transmission: Transmission, tally: Tally) -> None:
        """The other kinds keep their own time: they overtake a data callback that is being repeated."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._send_data(transmission, tally))
            for kind in self._services:
                service = callback_of(kind, transmission.message, transmission.template)
                group.create_task(self._send_later(ADVANCED_AFTER_SECONDS, service, tally))

    async def _send_data(self, transmission: Transmission, tally: Tally) -> None:
        request = data_callback(transmission.message, transmission.template)
        answer = await self._call(request, tally)
        if transmission.twice and answer is not None:
            await self._call_again(request, answer, tally)
        if self._acknowledge and answer is not None and answer.downlink is not None:
            acknowledge = acknowledge_callback(transmission.message, transmission.template)
            await self._send_later(ACKNOWLEDGE_AFTER_SECONDS, acknowledge, tally)

    async def _send_later(self, seconds: float, request: CallbackRequest, tally: Tally) -> None:
        await self._sleep(self._pace.scaled(seconds))
        await self._call(request, tally)

    async def _call_again(self, request: CallbackRequest, first: Answer, tally: Tally) -> None:
        """Two different downlinks for one message would reach the device as two frames."""
        second = await self._call(request, tally, duplicate=True)
        if second is not None and second.fault is None and second.downlink != first.downlink:
            tally.fault(request, "the duplicate got another downlink than the first call")

    async def _call(
        self, request: CallbackRequest, tally: Tally, *, duplicate: bool = False
    ) -> Answer | None:
        """Call until accepted, four times at most; None when never accepted."""
        tally.begin(duplicate=duplicate)
        for number, pause_seconds in enumerate((0.0, *REPEAT_AFTER_SECONDS), start=1):
            if pause_seconds:
                await self._sleep(self._pace.scaled(pause_seconds))
            attempt = await self._attempt(request, number)
            tally.note(attempt)
            self._on_attempt(attempt)
            if attempt.accepted:
                return attempt.answer
        tally.give_up(request)
        return None

    async def _attempt(self, request: CallbackRequest, number: int) -> Attempt:
        async with self._in_flight:
            started = self._clock()
            try:
                status, answer = await self._exchange(request)
            except (aiohttp.ClientError, OSError) as error:
                return Attempt(
                    request=request, number=number, latency_ms=self._since_ms(started), cause=explain(error)
                )
            return Attempt(
                request=request,
                number=number,
                latency_ms=self._since_ms(started),
                status=status,
                answer=answer,
            )

    async def _exchange(self, request: CallbackRequest) -> tuple[int, Answer]:
        async with self._session.request(
            request.method,
            self._ingest.address(request.kind, request.query),
            headers={**request.headers, **self._ingest.headers()},
            data=request.body,
            allow_redirects=False,
        ) as response:
            return response.status, _judge(request, response, await response.read())

    def _since_ms(self, started: float) -> float:
        return (self._clock() - started) * 1000


def _judge(request: CallbackRequest, response: aiohttp.ClientResponse, body: bytes) -> Answer:
    if not request.wants_downlink:
        return Answer()
    return read_answer(
        status=response.status,
        content_type=response.content_type,
        body=body,
        device_text=request.device_text,
    )


def explain(error: aiohttp.ClientError | OSError) -> str:
    """Why a request got no answer, in words that stay the same from request to request."""
    match error:
        case TimeoutError():
            return "no answer in time"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "the certificate or TLS was not accepted"
        case aiohttp.ClientConnectorDNSError() | socket.gaierror():
            return "the host name is unknown"
        case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()) | ConnectionRefusedError():
            return "connection refused"
        case aiohttp.ClientConnectorError():
            return "no connection"
        case aiohttp.ServerDisconnectedError() | OSError():
            return "the connection broke off"
        case _:
            return f"no valid HTTP answer ({type(error).__name__})"
