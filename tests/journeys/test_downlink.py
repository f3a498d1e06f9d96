"""A direct downlink: set on the command line, answered to Sigfox."""

import json
from typing import Any

import pytest

from tests.journeys.receiver import Receiver
from tests.journeys.relay_program import RelayProgram
from tests.journeys.sigfox import call_back

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEMPLATE = "{time}0000{rssi}"
MESSAGE: dict[str, Any] = {"device": "d001", "time": 1_440_578_526, "data": "01", "rssi": -93, "seqNumber": 5}
DOWNLINK = {"d001": {"downlinkData": "55dd7bde0000ffa3"}}


async def test_a_downlink_is_set_while_the_relay_runs_and_answered(
    relay: RelayProgram, receiver: Receiver
) -> None:
    await relay.provision("D001", webhook_url=receiver.url)
    assert (await relay.cli("device", "set", "D001", "--downlink", TEMPLATE)).exit_code == 0
    without = await call_back(relay, **MESSAGE, ack=False)
    answer = await call_back(relay, **{**MESSAGE, "seqNumber": 6}, ack="true")
    assert without.status == 204
    assert (answer.status, json.loads(answer.body)) == (200, DOWNLINK)
    repeated = await call_back(relay, **{**MESSAGE, "seqNumber": 6}, ack="true")
    assert repeated == answer
    for _ in range(2):
        assert json.loads((await receiver.arrival()).body)["device"] == "D001"


async def test_a_template_of_the_wrong_size_is_refused_with_a_sentence(relay: RelayProgram) -> None:
    await relay.provision("D002")
    finished = await relay.cli("device", "set", "D002", "--downlink", "{time}0000")
    assert finished.exit_code == 1
    assert "6 bytes" in finished.err
    assert "Traceback" not in finished.err
    answer = await call_back(relay, device="D002", time=1_700_000_000, data="01", ack=True)
    assert answer.status == 204
