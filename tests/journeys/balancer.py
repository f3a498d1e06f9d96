"""A small load balancer: round robin, and the next node when one refuses, breaks off or answers 503."""

import itertools
from collections.abc import Sequence
from typing import Self

import aiohttp
from aiohttp import web

from tests.journeys.relay_program import RelayProgram

LONGEST_SECONDS = 10.0


class Balancer:
    """Stands before nodes for as long as its `async with` block lasts; `secret` is the nodes'."""

    def __init__(self, nodes: Sequence[RelayProgram]) -> None:
        self.secret = nodes[0].secret
        self.url = ""
        self._nodes = nodes
        self._turn = itertools.count()

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=LONGEST_SECONDS))
        app = web.Application()
        app.router.add_post("/{path:.*}", self._pass_on)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._runner.cleanup()
        await self._session.close()

    async def _pass_on(self, request: web.Request) -> web.Response:
        body, first = await request.read(), next(self._turn)
        for number in range(len(self._nodes)):
            node = self._nodes[(first + number) % len(self._nodes)]
            answer = await self._try(node, request, body)
            if answer.status != 503:
                return answer
        return answer

    async def _try(self, node: RelayProgram, request: web.Request, body: bytes) -> web.Response:
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type")}
        try:
            async with self._session.post(node.url + request.path, data=body, headers=headers) as answer:
                return web.Response(status=answer.status, body=await answer.read())
        except (aiohttp.ClientConnectionError, TimeoutError):
            return web.Response(status=503)
