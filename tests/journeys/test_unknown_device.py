"""A device that nobody knows yet."""

import json

import pytest

from tests.journeys.owner import register
from tests.journeys.receiver import Receiver
from tests.journeys.relay_program import RelayProgram
from tests.journeys.sigfox import call_back

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_its_messages_are_delivered_once_it_is_registered(
    relay: RelayProgram, receiver: Receiver
) -> None:
    answer = await call_back(relay, device="E001", time=1_700_000_000, data="01")
    assert answer.status == 204
    (kept,) = await relay.messages("E001")
    assert kept["unclaimed"]
    assert kept["deliveries"] == []
    await relay.provision("E001", token="t0ken-of-E001")
    page = await register(relay, device_id="E001", token="t0ken-of-E001", webhook_url=receiver.url)
    arrival = await receiver.arrival()
    assert page.secret is not None
    assert arrival.verified(page.secret)["data"] == "01"
    assert json.loads(arrival.body)["device"] == "E001"


async def test_an_unknown_device_gets_no_downlink(relay: RelayProgram) -> None:
    answer = await call_back(relay, device="E002", time=1_700_000_000, data="01", ack=True)
    assert (answer.status, answer.body) == (204, b"")
