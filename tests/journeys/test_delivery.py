"""From a callback to the webhook, with everything that comes between."""

import json
from typing import Any

import pytest

from tests.journeys.receiver import Arrival, Receiver
from tests.journeys.relay_program import RelayProgram
from tests.journeys.sigfox import call_back

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_receiver_that_fails_three_times_gets_the_message(
    relay: RelayProgram, receiver: Receiver
) -> None:
    tried: list[str] = []

    async def fail_three_times(arrival: Arrival) -> int:
        tried.append(arrival.webhook_id)
        return 200 if len(tried) > 3 else 500

    receiver.answering = fail_three_times
    await relay.provision("C001", webhook_url=receiver.url)
    await call_back(relay, device="C001", time=1_700_000_000, data="01")
    arrivals = [await receiver.arrival() for _ in range(4)]
    assert len(set(tried)) == 1
    assert len({arrival.body for arrival in arrivals}) == 1
    (message,) = await relay.delivered("C001")
    (delivery,) = message["deliveries"]
    assert [attempt["status"] for attempt in delivery["attempts"]] == [500, 500, 500, 200]


async def test_a_receiver_that_was_down_for_three_attempts_gets_the_message(
    relay: RelayProgram, receiver: Receiver
) -> None:
    await receiver.go_down()
    await relay.provision("C002", webhook_url=receiver.url)
    await call_back(relay, device="C002", time=1_700_000_000, data="02")
    await relay.logged("delivery.attempted", device="C002", attempt=3, cause="refused")
    await receiver.come_up()
    arrival = await receiver.arrival()
    assert json.loads(arrival.body)["data"] == "02"
    (message,) = await relay.delivered("C002")
    assert message["deliveries"][0]["webhook_id"] == arrival.webhook_id


async def test_a_repeated_callback_is_forwarded_once(relay: RelayProgram, receiver: Receiver) -> None:
    await relay.provision("C003", webhook_url=receiver.url)
    message: dict[str, Any] = {"device": "C003", "time": 1_700_000_000, "data": "03", "seqNumber": 7}
    answers = [await call_back(relay, **message) for _ in range(3)]
    answers.append(await call_back(relay, **{**message, "device": "00c003", "data": "03"}))
    assert [answer.status for answer in answers] == [204] * 4
    await receiver.arrival()
    (kept,) = await relay.delivered("C003")
    assert kept["repeats"] == 3
    assert not receiver.has_more


async def test_other_kinds_are_kept_but_not_forwarded(relay: RelayProgram, receiver: Receiver) -> None:
    await relay.provision("C004", webhook_url=receiver.url)
    status = await call_back(relay, "status", device="C004", time=1_700_000_000, batt="3.4", temp="20")
    data = await call_back(relay, device="C004", time=1_700_000_001, data="04")
    assert (status.status, data.status) == (204, 204)
    assert json.loads((await receiver.arrival()).body)["time"] == 1_700_000_001
    assert [kept["kind"] for kept in await relay.delivered("C004")] == ["data", "status"]
    assert not receiver.has_more


async def test_the_messages_of_a_batch_are_forwarded_one_by_one(
    relay: RelayProgram, receiver: Receiver
) -> None:
    await relay.provision("C005", webhook_url=receiver.url)
    lines = "C005;1700000000;01;1;-110;10\nC005;1700000060;02;2;-111;11"
    answer = await call_back(relay, "batch", batch=lines)
    assert answer.status == 204, answer
    bodies = [json.loads((await receiver.arrival()).body) for _ in range(2)]
    assert {body["device"] for body in bodies} == {"C005"}
    assert len({body["time"] for body in bodies}) == 2
