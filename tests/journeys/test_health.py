"""What supervisors and load balancers ask."""

import json

import pytest

from tests.journeys.relay_program import RelayProgram
from tests.wire import exchange, request_bytes

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_running_relay_is_alive_and_ready(relay: RelayProgram) -> None:
    alive = await exchange(relay.port, request_bytes("GET", "/healthz", {}, b""))
    ready = await exchange(relay.port, request_bytes("GET", "/readyz", {}, b""))
    assert alive.what_matters == (200, b"ok\n")
    assert ready.status == 200
    assert json.loads(ready.body)["status"] == "ready"
    assert json.loads(ready.body)["checks"]["database"]["ok"] is True
    for reply in (alive, ready):
        assert "cache-control: no-store" in reply.head.lower()
