"""kill -9: what was acknowledged is delivered after the next start, and repeats get the first answer."""

import asyncio
import json
from typing import Any

import pytest

from tests.journeys.receiver import Arrival, Receiver, with_status
from tests.journeys.relay_program import RelayProgram
from tests.journeys.sigfox import call_back

pytestmark = pytest.mark.asyncio(loop_scope="session")

TIME = 1_440_578_526
DOWNLINK = {"A3": {"downlinkData": "55dd7bde0000ffa3"}}


async def never(_: Arrival) -> int:
    await asyncio.Event().wait()
    return 500


async def test_what_waited_and_what_was_in_flight_arrives_after_a_crash(
    own_relay: RelayProgram, receiver: Receiver
) -> None:
    receiver.answering = never
    async with own_relay.running() as relay, Receiver() as down:
        await down.go_down()
        await relay.provision("A1", webhook_url=down.url)
        await relay.provision("A2", webhook_url=receiver.url)
        await call_back(relay, device="A1", time=TIME, data="01")
        await call_back(relay, device="A2", time=TIME, data="02")
        in_flight = await receiver.arrival()
        (waiting,) = (await relay.messages("A1"))[0]["deliveries"]
        await relay.kill()

        receiver.answering = with_status(204)
        await down.come_up()
        await relay.start()
        first, second = await down.arrival(), await receiver.arrival()
        assert first.webhook_id == waiting["webhook_id"]
        assert json.loads(first.body)["data"] == "01"
        assert (second.webhook_id, second.body) == (in_flight.webhook_id, in_flight.body)
    assert own_relay.faults == []


async def test_a_repeat_after_a_crash_gets_the_same_answer(own_relay: RelayProgram) -> None:
    message: dict[str, Any] = {
        "device": "A3",
        "time": TIME,
        "data": "01",
        "rssi": -93,
        "seqNumber": 5,
        "ack": True,
    }
    async with own_relay.running() as relay:
        await relay.provision("A3")
        await relay.ask("devices.set", device="A3", settings={"downlink_template": "{time}0000{rssi}"})
        first = await call_back(relay, **message)
        unanswered = await call_back(relay, **{**message, "ack": False, "seqNumber": 6})
        await relay.kill()
        await relay.ask("devices.set", device="A3", settings={"downlink_template": "0000000000000000"})
        await relay.start()
        again = await call_back(relay, **message)
        unanswered_again = await call_back(relay, **{**message, "ack": False, "seqNumber": 6})
        assert json.loads(first.body) == DOWNLINK
        assert again == first
        assert unanswered_again == unanswered
        assert [kept["repeats"] for kept in await relay.messages("A3")] == [1, 1]
