"""Callbacks whose answer an owner's server knows: a whole relay between Sigfox and that server."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from standardwebhooks import Webhook

from tests.backend_ingest.door import SECRET, Door, open_door
from tests.forwarder.receivers import OK, Answer, Receiver, Request, receiver, says, status
from tests.wire import request_bytes

pytestmark = pytest.mark.asyncio(loop_scope="module")

ONE, TWO = "0102030405060708", "1112131415161718"
BIDIR = "id=00{device}&time=1700000000&data=01&rssi=-93&seqNumber={number}&ack=true"


def asks(request: Request) -> bool:
    return "downlinkRequested" in json.loads(request.body)


def when_asked(answer: bytes | None) -> Answer:
    """Says this (nothing for ever, if None) when it is asked for a downlink, and takes all else."""

    async def answered(writer: asyncio.StreamWriter, request: Request) -> None:
        if asks(request) and answer is None:
            await asyncio.Event().wait()
        writer.write(OK if answer is None or not asks(request) else answer)

    return answered


def as_json(**answer: object) -> bytes:
    return status(200, json.dumps(answer).encode())


@dataclass(slots=True)
class Owners:
    """A relay that asks for a short while, and devices whose owners have servers."""

    door: Door
    count: int = 0x100

    async def device(self, server: Receiver, chain: str = "ask", template: str = "") -> str:
        self.count += 1
        label = f"{self.count:X}"
        row = {"label": label, "token": "", "email": "", "webhook_url": server.url()}
        await self.door.ask("devices.provision", rows=[row])
        settings = {"downlink_chain": chain, "downlink_template": template}
        await self.door.ask("devices.set", device=label, settings=settings)
        return label

    async def call(self, device: str, number: int = 1, *, copies: int = 1) -> list[tuple[int | None, Any]]:
        query = BIDIR.format(device=device, number=number)
        knocks = await asyncio.gather(*(self.door.knock(query=query) for _ in range(copies)))
        return [(one.status, json.loads(one.body) if one.body else None) for one in knocks]

    async def message(self, device: str) -> dict[str, Any]:
        """A device's newest message, once it is delivered."""
        async with asyncio.timeout(30):
            while True:
                shown = await self.door.ask("devices.show", device=device, limit=1)
                (message,) = shown["messages"]
                if all(one["state"] == "delivered" for one in message["deliveries"]):
                    return dict(message)
                await asyncio.sleep(0.01)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def owners(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Owners]:
    folder = tmp_path_factory.mktemp("asking")
    forwarder = {"allow_networks": ["127.0.0.0/8"]}
    async with open_door(folder, sigfox={"ask_within": "300ms"}, forwarder=forwarder) as door:
        yield Owners(door)


async def test_the_server_is_asked_once_and_all_copies_get_its_bytes(owners: Owners) -> None:
    async with receiver(when_asked(as_json(**{"101": {"downlinkData": ONE.upper()}}))) as server:
        device = await owners.device(server)
        assert device == "101"
        secret = (await owners.door.ask("endpoints.rotate_secret", device=device))["secret"]
        answers = await owners.call(device, copies=50)
        message = await owners.message(device)
        later = await owners.call(device)
    assert answers + later == [(200, {f"00{device}": {"downlinkData": ONE}})] * 51
    (request,) = server.requests
    asked = Webhook(secret).verify(request.body, request.headers)
    fields = {"snr": None, "device": f"00{device}", "rssi": -93.0, "time": 1_700_000_000, "data": "01"}
    assert asked == {**fields, "downlinkRequested": True}
    ((attempt,),) = [one["attempts"] for one in message["deliveries"]]
    assert (attempt["number"], attempt["status"], attempt["cause"]) == (1, 200, None)


async def test_a_server_that_hangs_costs_the_downlink_only(owners: Owners) -> None:
    async with receiver(when_asked(None)) as server:
        device = await owners.device(server)
        assert await owners.call(device, copies=3) == [(204, None)] * 3
        message = await owners.message(device)
        assert [asks(request) for request in server.requests] == [True, False]
    assert message["downlink_reasons"] == ["ask_timeout"]
    assert server.requests[0].headers["webhook-id"] == server.requests[1].headers["webhook-id"]
    assert [len(one["attempts"]) for one in message["deliveries"]] == [1]


async def test_without_a_good_answer_the_next_of_the_chain_is_taken(owners: Owners) -> None:
    for answer, reason, requests in (
        (as_json(noData=True), "ask_no_data", 1),
        (status(204), "ask_no_data", 1),
        (status(200, b"ok"), "ask_invalid", 1),
        (as_json(downlinkData="0102"), "ask_invalid", 1),
        (status(500, b'{"downlinkData":"0102030405060708"}'), "ask_failed", 2),
    ):
        async with receiver(when_asked(answer)) as server:
            device = await owners.device(server, "ask,queue,direct", TWO)
            assert await owners.call(device) == [(200, {f"00{device}": {"downlinkData": TWO}})]
            message = await owners.message(device)
            assert message["downlink_reasons"] == [reason, "empty_queue"]
            assert len(server.requests) == requests


async def test_one_answer_holds_the_downlinks_of_a_whole_batch(owners: Owners) -> None:
    async with receiver(when_asked(as_json(downlinkData=ONE))) as server, receiver() as other:
        asked = await owners.device(server)
        queued = await owners.device(other, "queue")
        silent = await owners.device(other, "direct", TWO)
        push = {"device": queued, "data": TWO, "label": "", "expires_seconds": None, "tries": 1}
        await owners.door.ask("downlinks.push", **push, replace=False)
        lines = [f"{device};1700000000;01;7;-93;;{device != silent}" for device in (asked, queued, silent)]
        body = "\n".join(lines).encode()
        headers = {"Authorization": f"Bearer {SECRET}", "Content-Type": "text/plain"}
        request = request_bytes("POST", "/sigfox/batch", headers, body)
        first, second = [await owners.door.send(request) for _ in range(2)]
    assert json.loads(first.body) == {asked: {"downlinkData": ONE}, queued: {"downlinkData": TWO}}
    assert second.body == first.body


async def test_sigfox_tells_what_became_of_it(owners: Owners) -> None:
    async with receiver(says(OK)) as server:
        device = await owners.device(server, "queue")
        push = {"device": device, "data": ONE, "label": "clock", "expires_seconds": 60, "tries": 1}
        await owners.door.ask("downlinks.push", **push, replace=False)
        await owners.call(device)
        query = f"device={device}&time=1700000000&infoCode=6&infoMessage=No%20contract&downlinkAck=false"
        assert (await owners.door.knock(path="/sigfox/acknowledge", query=query)).status == 204
        listed = await owners.door.ask("downlinks.list", device=device, limit=5)
    (one,) = listed["downlinks"]
    told = [one[name] for name in ("label", "source", "state", "info_code", "info_message", "says")]
    words = "The contract of the device allows no downlinks."
    assert told == ["clock", "queue", "refused", 6, "No contract", words]
    assert listed["sent_today"] == 1
