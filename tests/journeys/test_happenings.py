"""What comes is counted exactly, over crashes too, and what happens to a device is known and mailed."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import trustme

from tests.journeys.relay_program import LOGGED_WITHIN_SECONDS, POLL_SECONDS, RelayProgram
from tests.journeys.sigfox import call_back
from tests.mail.server import MailServer, mail_server

pytestmark = pytest.mark.asyncio(loop_scope="session")

LIVES = 3
MESSAGES_A_LIFE = 40


@pytest_asyncio.fixture(loop_scope="session")
async def mails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MailServer]:
    """A mail server that the machine's certificates vouch for."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    async with mail_server(authority, "starttls") as server:
        yield server


async def counted(relay: RelayProgram, device: str, messages: int) -> dict[str, Any]:
    """The statistics of a device, as soon as so many messages are in them."""
    async with asyncio.timeout(LOGGED_WITHIN_SECONDS):
        while True:
            finished = await relay.cli("device", "stats", device, "--days", "3", "--json")
            answer: dict[str, Any] = json.loads(finished.out or "{}")
            if sum(day["messages"] for day in answer.get("days", [])) >= messages:
                return answer
            await asyncio.sleep(POLL_SECONDS)


async def test_messages_are_counted_exactly_over_crashes_and_events_are_mailed(
    mails: MailServer, tmp_path: Path
) -> None:
    relay = RelayProgram(tmp_path, {"smtp": mails.settings().model_dump(mode="json", by_alias=True)})
    begun = int(time.time()) - 3600
    async with relay.running():
        await relay.provision("E001", email="owner@example.com")
        settings = {"alerts": "out_of_sequence", "alert_email": "watch@example.com"}
        await relay.ask("devices.set", device="E001", settings=settings)
        for life in range(LIVES):
            first = life * MESSAGES_A_LIFE
            numbers = range(first, first + MESSAGES_A_LIFE)
            await asyncio.gather(
                *(
                    call_back(relay, device="E001", time=begun + each, data="0102", seqNumber=200 + each)
                    for each in numbers
                )
            )
            await relay.kill()
            await relay.start()
        total = LIVES * MESSAGES_A_LIFE
        await counted(relay, "E001", total)
        await call_back(relay, device="E001", time=begun + 1000, data="", seqNumber=0)
        answer = await counted(relay, "E001", total + 1)
        assert sum(day["messages"] for day in answer["days"]) == total + 1
        assert sum(day["bytes"] for day in answer["days"]) == 2 * total
        assert answer["state"]["seq_number"] == 0
        mail = await mails.mail(1)
        assert mail.recipients == ["watch@example.com"]
        assert "320 was to come, 0 came" in " ".join(mail.text.split())
        listed = await relay.cli("device", "events", "E001")
        assert "out_of_sequence" in listed.out
    assert relay.faults == []
