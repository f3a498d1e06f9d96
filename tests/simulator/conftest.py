from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from tests.simulator.stand_in import Slept, StandIn


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    door = StandIn()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", door.receive)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    door.url = f"http://127.0.0.1:{runner.addresses[0][1]}/sigfox"
    yield door
    await runner.cleanup()


@pytest.fixture
def slept() -> Slept:
    return Slept()
