"""No secret in any log, in the database's files, or on a page where it does not belong."""

import base64
import json
from pathlib import Path

import pytest

from relay.store.vault import Vault
from tests.journeys.owner import register
from tests.journeys.receiver import Receiver, with_status
from tests.journeys.relay_program import RelayProgram
from tests.journeys.sigfox import call_back
from tests.wire import exchange, request_bytes

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOKEN = "MARKERtoken0123456789"
WRONG_TOKEN = "MARKERwrong0123456789"
QUERY = "key=MARKERquery0123456789"
EMAIL = "MARKERlocalpart@owner.example.com"


async def test_nothing_secret_is_left_anywhere(own_relay: RelayProgram, receiver: Receiver) -> None:
    pages: list[str] = []
    async with own_relay.running() as relay, Receiver() as down:
        await down.go_down()
        await relay.provision("AB1", token=TOKEN, email=EMAIL)
        await relay.provision("AB2", token=TOKEN, webhook_url=f"{down.url}?{QUERY}")
        registered = await register(
            relay, device_id="AB1", token=TOKEN, email=EMAIL, webhook_url=f"{receiver.url}?{QUERY}"
        )
        assert registered.secret is not None
        rotated = json.loads((await relay.cli("endpoint", "rotate-secret", "AB1", "--json")).out)["secret"]
        pages += await wrong_forms(relay, receiver)
        pages += await wrong_callbacks(relay)
        for device in ("AB1", "AB2"):
            for data, status in (("01", 204), ("02", 500), ("03", 301)):
                receiver.answering = with_status(status)
                await call_back(relay, device=device, time=1_700_000_000, data=data)
                if device == "AB1":
                    assert QUERY in (await receiver.arrival()).path
        await relay.logged("delivery.attempted", device="AB2", cause="refused")
        await relay.logged("delivery.attempted", device="AB1", cause="server_error")
        await relay.ask("keys.retain", first_key=first_key_name(relay))
        pages.append(json.dumps(await relay.ask("refusals.list", limit=200)))
        pages.append(json.dumps(await relay.ask("devices.show", device="AB1", limit=100)))
        await relay.kill()
        secret = [TOKEN, WRONG_TOKEN, QUERY, registered.secret, rotated, relay.secret, relay.secret_key]
        secret += [one.removeprefix("whsec_") for one in (registered.secret, rotated)]
        secret.append(base64.b64encode(f"u:{relay.secret}".encode()).decode())
        assert found_in_files(relay.folder, secret) == []
        await relay.start()
        assert await relay.stop() == 0
    assert found_in_files(own_relay.folder, secret) == []
    assert own_relay.has_logged(*secret, EMAIL, EMAIL.lower()) == []
    assert [one for one in secret for page in pages if one in page] == []
    assert own_relay.faults == []


async def wrong_forms(relay: RelayProgram, receiver: Receiver) -> list[str]:
    """Pages after mistakes; what was typed comes back in its own field and nowhere else."""
    url = f"{receiver.url}?{QUERY}"
    answers = [
        await register(relay, device_id="AB1", token=WRONG_TOKEN, email=EMAIL, webhook_url=url),
        await register(relay, device_id="DEAD", token=TOKEN, email=EMAIL, webhook_url=url),
        await register(
            relay, device_id="AB1", token=TOKEN, email=EMAIL, webhook_url=f"http://10.0.0.1/?{QUERY}"
        ),
    ]
    assert [answer.status for answer in answers] == [422, 422, 422]
    return [without_fields(answer.page) for answer in answers]


def without_fields(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "<input" not in line and "value=" not in line)


async def wrong_callbacks(relay: RelayProgram) -> list[str]:
    basic = base64.b64encode(f"u:{relay.secret}".encode()).decode()
    requests = [
        request_bytes("GET", f"/sigfox/data/{relay.secret}?device=x", {}, b""),
        request_bytes("GET", f"/sigfox/{relay.secret}", {}, b""),
        request_bytes("GET", "/sigfox/data?device=x", {"Authorization": f"Basic {basic}"}, b""),
        request_bytes("POST", "/sigfox/nothing", {"Authorization": f"Bearer {relay.secret}"}, b"{}"),
        request_bytes("HEAD", f"/sigfox/data/{relay.secret}", {}, b""),
        request_bytes("GET", f"/form?token={TOKEN}&{QUERY}", {"Cookie": f"a={TOKEN}"}, b""),
        request_bytes("GET", f"/{TOKEN}", {}, b""),
        b"GET /sigfox/data/" + relay.secret.encode() + b" HTTP/1.1\r\nHost: x\r\nBad Header: x\r\n\r\n",
    ]
    replies = [await exchange(relay.port, request) for request in requests]
    assert all(200 <= (reply.status or 400) < 500 for reply in replies)
    return [reply.body.decode() for reply in replies[:5]]


def first_key_name(relay: RelayProgram) -> str:
    return Vault([relay.secret_key]).first_key_name


def found_in_files(folder: Path, secret: list[str]) -> list[tuple[str, str]]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "config.yaml"]
    assert any(path.name == "relay.db" for path in files)
    return [(path.name, one) for path in files for one in secret if one.encode() in path.read_bytes()]
