"""The process ends between the commit of a downlink and its answer: the repeat gets the same bytes."""

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.durability.mute_relay import EXIT_CODE, MUTE
from tests.durability.programs import MuteRelay
from tests.forwarder.receivers import receiver, status
from tests.journeys.sigfox import Answer, call_back

ONE, TWO, ASKED = "1" * 16, "2" * 16, "a" * 16
TIME = 1_700_000_000


async def listen(relay: MuteRelay, device: str, copies: int = 1) -> list[Answer]:
    fields: dict[str, Any] = {"device": device, "time": TIME, "data": "01", "seqNumber": 5, "ack": True}
    return await asyncio.gather(*(call_back(relay, **fields) for _ in range(copies)))


async def test_what_was_committed_is_what_each_repeat_gets(tmp_path: Path) -> None:
    relay, mute = MuteRelay(tmp_path), tmp_path / MUTE
    async with receiver(status(200, json.dumps({"downlinkData": ASKED}).encode())) as server:
        await prepare(relay, server.url())
        mute.touch()
        for device in ("D1", "D2"):
            await relay.start()
            with pytest.raises(aiohttp.ClientError):
                await listen(relay, device)
            assert await relay.exit_code() == EXIT_CODE
        mute.unlink()
        async with relay.running():
            for device, data in (("D1", ONE), ("D2", ASKED)):
                repeats = await listen(relay, device, copies=10)
                assert {one.body for one in repeats} == {answer_of(device, data)}
            listed = (await relay.ask("downlinks.list", device="D1", limit=9))["downlinks"]
        asked = [request for request in server.requests if b"downlinkRequested" in request.body]
    assert [(one["data"], one["state"]) for one in listed] == [(TWO, "pending"), (ONE, "sent")]
    assert len(asked) == 1


async def prepare(relay: MuteRelay, url: str) -> None:
    for device, chain in (("D1", "queue"), ("D2", "ask,queue")):
        await relay.provision(device, webhook_url=url)
        await relay.ask("devices.set", device=device, settings={"downlink_chain": chain})
    for data in (ONE, TWO):
        push = {"device": "D1", "data": data, "label": "", "expires_seconds": None, "tries": 1}
        await relay.ask("downlinks.push", **push, replace=False)


def answer_of(device: str, data: str) -> bytes:
    return json.dumps({device: {"downlinkData": data}}, separators=(",", ":")).encode()
