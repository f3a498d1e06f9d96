"""Commands about what happened to a device, and how much it sent."""

import pytest

from relay.domain.uplink import Kind
from relay.errors import RelayError
from relay.store.tallying import tally
from tests.commands.conftest import Operator
from tests.store.given import LABEL, NOW, NOW_MS, accept, provision, uplink


@pytest.fixture
async def heard(operator: Operator) -> Operator:
    """A device with two messages, between which some are missing, and an error that Sigfox told."""
    await provision(operator.store)
    await accept(operator.store, uplink(seq_number=1, rssi=-100.0, snr=10.0))
    await accept(operator.store, uplink(seq_number=4, time=NOW + 60, rssi=-110.0, snr=None))
    status = {"temp": 20.25, "batt": 3.1}
    told = {"info": "No message received since yesterday", "severity": "ERROR"}
    for kind, more in ((Kind.STATUS, status), (Kind.ERROR, told)):
        await accept(
            operator.store, uplink(kind=kind, data="", seq_number=None, rssi=None, snr=None, more=more)
        )
    await operator.store.driver.transact(tally(NOW_MS))
    return operator


async def test_statistics_tell_days_and_what_is_known(heard: Operator) -> None:
    answer = await heard.run("devices.stats", device=LABEL, days=2)
    (day,) = answer["days"]
    assert day == {
        "day": "2027-01-15",
        "messages": 2,
        "bytes": 4,
        "missed": 2,
        "snr": 10.0,
        "rssi": -105.0,
        "temperature": 20.25,
        "voltage": 3.1,
    }
    state = answer["state"]
    assert (state["seq_number"], state["voltage"], state["battery_low"]) == (4, 3.1, False)
    assert (state["silent_after_seconds"], state["usual_pause_seconds"], state["place"]) == (None, None, None)


async def test_days_without_messages_are_left_out(heard: Operator) -> None:
    heard.now = NOW + 7 * 86_400
    assert (await heard.run("devices.stats", device=LABEL, days=3))["days"] == []


async def test_events_are_listed(heard: Operator) -> None:
    (event,) = (await heard.run("devices.events", device=LABEL, limit=5))["events"]
    assert (event["kind"], event["severity"], event["device"]) == ("network_error", "error", LABEL)
    older = await heard.run("devices.events", device=LABEL, limit=5, before=event["id"])
    assert older == {"events": []}


async def test_a_device_that_never_sent_is_told_so(operator: Operator) -> None:
    with pytest.raises(RelayError, match="nothing was heard of device BEEF yet"):
        await operator.run("devices.stats", device="beef", days=2)
    with pytest.raises(RelayError, match="'XYZ'"):
        await operator.run("devices.events", device="XYZ", limit=2)
