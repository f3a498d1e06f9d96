"""Start, second start, stop."""

import asyncio
import signal

import pytest

from tests.journeys.receiver import Arrival, Receiver
from tests.journeys.relay_program import RelayProgram
from tests.journeys.sigfox import call_back
from tests.wire import exchange, request_bytes

pytestmark = pytest.mark.asyncio(loop_scope="session")

BODY = b"device=B1&time=1700000001&data=02"


async def test_a_second_relay_on_the_same_database_says_so_and_ends(relay: RelayProgram) -> None:
    finished = await relay.cli("serve")
    assert finished.exit_code == 1
    (sentence,) = finished.err.splitlines()
    assert sentence.startswith(f"relay: {relay.database} is in use by process ")
    assert (await exchange(relay.port, request_bytes("GET", "/readyz", {}, b""))).status == 200


async def test_what_is_under_way_ends_well_before_the_relay_does(
    own_relay: RelayProgram, receiver: Receiver
) -> None:
    let_go = asyncio.Event()

    async def hold(_: Arrival) -> int:
        await let_go.wait()
        return 200

    receiver.answering = hold
    async with own_relay.running() as relay:
        await relay.provision("B1", webhook_url=receiver.url)
        await call_back(relay, device="B1", time=1_700_000_000, data="01")
        await receiver.arrival()
        headers = {"Authorization": f"Bearer {relay.secret}", "Content-Type": "application/x-www-form-urlencoded"}
        request = request_bytes("POST", "/sigfox/data", headers, BODY)
        reader, writer = await asyncio.open_connection("127.0.0.1", relay.port)
        writer.write(request[:-5])
        # Its answer shows that the relay has read what was sent before.
        assert (await exchange(relay.port, request_bytes("GET", "/healthz", {}, b""))).status == 200
        relay.send_signal(signal.SIGTERM)
        await relay.logged("relay.stopping")
        writer.write(request[-5:])
        head = await reader.readuntil(b"\r\n\r\n")
        writer.close()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", relay.port)
        let_go.set()
        assert await relay.exit_code() == 0
    assert head.startswith(b"HTTP/1.1 204")
    assert own_relay.faults == []
    newer, older = await own_relay.messages("B1")
    assert newer["data"] == "02"
    assert [delivery["state"] for delivery in older["deliveries"]] == ["delivered"]


async def test_a_second_signal_ends_the_relay_at_once(own_relay: RelayProgram, receiver: Receiver) -> None:
    async def never(_: Arrival) -> int:
        await asyncio.Event().wait()
        return 200

    receiver.answering = never
    async with own_relay.running() as relay:
        await relay.provision("B2", webhook_url=receiver.url)
        await call_back(relay, device="B2", time=1_700_000_000, data="01")
        await receiver.arrival()
        relay.send_signal(signal.SIGTERM)
        await relay.logged("relay.stopping")
        relay.send_signal(signal.SIGTERM)
        assert await relay.exit_code() == 1
    (message,) = await own_relay.messages("B2")
    assert [delivery["state"] for delivery in message["deliveries"]] == ["waiting"]
