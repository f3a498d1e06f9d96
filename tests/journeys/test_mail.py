"""The owner of a device is told by mail, through a server that speaks TLS."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
import trustme

from tests.journeys.owner import register
from tests.journeys.receiver import Receiver
from tests.journeys.relay_program import PUBLIC_URL, RelayProgram
from tests.journeys.sigfox import call_back
from tests.mail.server import PASSWORD, USER, MailServer, mail_server

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOKEN = "t0ken-on-the-card"


@pytest_asyncio.fixture(loop_scope="session")
async def mails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MailServer]:
    """A mail server that the machine's certificates vouch for."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    async with mail_server(authority, "starttls", login=True) as server:
        yield server


async def test_a_stranger_moves_a_device_and_its_owner_takes_it_back(
    mails: MailServer, receiver: Receiver, tmp_path: Path
) -> None:
    smtp = mails.settings(username=USER, password=PASSWORD).model_dump(mode="json", by_alias=True)
    relay = RelayProgram(tmp_path, {"smtp": smtp | {"password": PASSWORD}})
    async with relay.running():
        await relay.provision("F00A", token=TOKEN)
        first = await register(relay, device_id="F00A", token=TOKEN, webhook_url=receiver.url)
        await mails.mail(1)
        await register(relay, device_id="F00A", token=TOKEN, webhook_url="https://evil.example.com/?key=x")
        changed = await mails.mail(2)
        assert (changed.recipients, changed.encrypted) == (["owner@example.com"], True)
        (link,) = [line for line in changed.text.splitlines() if "/links/" in line]
        async with aiohttp.ClientSession() as session:
            await session.post(link.replace(PUBLIC_URL, relay.url))
        await call_back(relay, device="F00A", time=1_700_000_000, data="01")
        assert first.secret is not None
        assert (await receiver.arrival()).verified(first.secret)["data"] == "01"
        await mails.mail(3)
        assert relay.faults == []
        assert relay.has_logged(TOKEN, PASSWORD, "owner@example.com", link.rpartition("/")[2]) == []
