"""Start, second start, stop."""

import asyncio
import signal

import aiohttp
import pytest

from tests.journeys.receiver import Arrival, Receiver
from tests.journeys.relay_program import ENDS_WITHIN_SECONDS, POLL_SECONDS, RelayProgram
from tests.journeys.sigfox import call_back
from tests.wire import exchange, request_bytes

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOKEN = "t0ken-on-the-card"


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
    async with own_relay.running() as relay, aiohttp.ClientSession() as browser:
        await relay.provision("B1", token=TOKEN, webhook_url=receiver.url)
        await call_back(relay, device="B1", time=1_700_000_000, data="01")
        await receiver.arrival()
        fields = {"device_id": "B1", "token": TOKEN, "email": "o@example.com", "webhook_url": receiver.url}
        answer = asyncio.create_task(post(browser, f"{relay.url}/form", {**fields, "send_test": "1"}))
        await receiver.arrival()
        relay.send_signal(signal.SIGTERM)
        await relay.logged("relay.stopping")
        await gone(relay.port)
        let_go.set()
        assert await answer == 303
        assert await relay.exit_code() == 0
    assert own_relay.faults == []
    (message,) = await own_relay.messages("B1")
    assert [delivery["state"] for delivery in message["deliveries"]] == ["delivered"]


async def post(browser: aiohttp.ClientSession, url: str, fields: dict[str, str]) -> int:
    """Send a form; the status of the answer."""
    async with browser.post(url, data=fields, allow_redirects=False) as answer:
        return answer.status


async def gone(port: int) -> None:
    """Return as soon as nobody listens there any more."""
    async with asyncio.timeout(ENDS_WITHIN_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                return
            writer.close()
            await asyncio.sleep(POLL_SECONDS)


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
