"""An owner registers a device at the form, and its messages come to the webhook."""

from typing import Any

import pytest

from tests.journeys.owner import register
from tests.journeys.receiver import Receiver
from tests.journeys.relay_program import PUBLIC_URL, RelayProgram
from tests.journeys.sigfox import call_back

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOKEN = "t0ken-on-the-card"


async def test_the_message_of_a_registered_device_arrives_signed(
    relay: RelayProgram, receiver: Receiver
) -> None:
    await relay.provision("F001", token=TOKEN)
    url = f"{receiver.url}?key=a%2Fb&x=1;2"
    page = await register(relay, device_id="f001", token=TOKEN, webhook_url=url)
    assert (page.status, page.location) == (303, "/form/done")
    assert page.secret is not None

    message: dict[str, Any] = {
        "device": "F001",
        "time": "1700000000",
        "data": "0A1E24",
        "rssi": "-121.00",
        "snr": 12.3,
    }
    assert (await call_back(relay, **message)).status == 204
    arrival = await receiver.arrival()
    expected = {"snr": 12.3, "device": "F001", "rssi": -121.0, "time": 1_700_000_000, "data": "0a1e24"}
    assert arrival.verified(page.secret) == expected
    assert arrival.headers["content-type"] == "application/json"
    assert arrival.headers["user-agent"].startswith("sigfox-relay/")
    assert arrival.path == "/hook?key=a%2Fb&x=1;2"


async def test_sending_the_form_again_changes_the_url(relay: RelayProgram, receiver: Receiver) -> None:
    await relay.provision("F002", token=TOKEN)
    async with Receiver() as old:
        first = await register(relay, device_id="F002", token=TOKEN, webhook_url=old.url)
        await call_back(relay, device="F002", time=1_700_000_000, data="01")
        assert first.secret is not None
        assert (await old.arrival()).verified(first.secret)["data"] == "01"

        second = await register(relay, device_id="F002", token=TOKEN, webhook_url=receiver.url)
        assert second.status == 303
        await call_back(relay, device="F002", time=1_700_000_001, data="02")
        # The host is the same one, so the secret stays.
        assert (await receiver.arrival()).verified(second.secret or first.secret)["data"] == "02"
        assert not old.has_more


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": PUBLIC_URL, "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"},
        {"Origin": PUBLIC_URL},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_a_browser_on_our_own_page_may_register(
    relay: RelayProgram, receiver: Receiver, headers: dict[str, str]
) -> None:
    await relay.provision("F003", token=TOKEN)
    page = await register(relay, device_id="F003", token=TOKEN, webhook_url=receiver.url, headers=headers)
    assert page.status == 303


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
)
async def test_another_site_may_not(relay: RelayProgram, receiver: Receiver, headers: dict[str, str]) -> None:
    await relay.provision("F004", token=TOKEN)
    page = await register(relay, device_id="F004", token=TOKEN, webhook_url=receiver.url, headers=headers)
    assert page.status == 403
    (device,) = (await relay.ask("devices.list", after=0xF003, limit=1))["devices"]
    assert device["webhook_host"] is None


async def test_one_answer_whatever_was_wrong(relay: RelayProgram, receiver: Receiver) -> None:
    await relay.provision("F005", token=TOKEN, email="owner@example.com")
    wrong: list[dict[str, Any]] = [
        {"device_id": "F0FF", "token": TOKEN, "email": "owner@example.com"},
        {"device_id": "F005", "token": "another-token", "email": "owner@example.com"},
        {"device_id": "F005", "token": TOKEN, "email": "somebody@example.com"},
    ]
    pages = [await register(relay, webhook_url=receiver.url, **fields) for fields in wrong]
    assert [page.status for page in pages] == [422] * 3
    shown = {
        page.page.replace(fields["device_id"], "").replace(fields["token"], "").replace(fields["email"], "")
        for page, fields in zip(pages, wrong, strict=True)
    }
    assert len(shown) == 1
