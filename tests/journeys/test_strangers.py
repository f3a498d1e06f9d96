"""What strangers find: limits, refusals, and only what everybody may know."""

import asyncio
import base64
import json
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.journeys.owner import register
from tests.journeys.receiver import Receiver
from tests.journeys.relay_program import RelayProgram
from tests.journeys.sigfox import call_back
from tests.journeys.starting import Program
from tests.wire import exchange, request_bytes

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOKEN = "t0ken-on-the-card"
KEY = "kTz8-jfGm0QpWl5xRcV7uYbN3sEaHdIo"
SECRET = "s1gF0x_UqLrTnZpXvB9mKjHgWdEyCaOi"


async def test_wrong_tries_are_remembered_after_a_crash_and_stop_no_delivery(
    own_relay: RelayProgram, receiver: Receiver
) -> None:
    async with own_relay.running() as relay:
        await relay.provision("D1", token=TOKEN, webhook_url=receiver.url)

        async def wrong() -> int:
            page = await register(relay, device_id="D1", token="wrong", webhook_url=receiver.url)
            return page.status

        assert [await wrong() for _ in range(10)] == [422] * 10
        await relay.kill()
        await relay.start()
        assert await wrong() == 429
        assert (await call_back(relay, device="D1", time=1_700_000_000, data="01")).status == 204
        assert json.loads((await receiver.arrival()).body)["data"] == "01"
    assert own_relay.faults == []


async def test_an_operator_sees_what_was_refused_and_why(relay: RelayProgram) -> None:
    secret_in_path = f"/sigfox/data/{relay.secret}?device=D2&time=soon"
    refused = await exchange(relay.port, request_bytes("GET", secret_in_path, {"User-Agent": "D2"}, b""))
    assert refused.status == 400
    one = await refusal_by("D2", relay)
    assert one["known"] is True
    assert one["request_line"] == "GET /sigfox/data/***?device=D2&time=soon"

    shown = await relay.cli("refused", "show", str(one["id"]))
    assert f"{one['status']} {one['reason']}" in shown.out
    assert one["request_line"] in shown.out
    listed = await relay.cli("refused", "list", "--json")
    assert one in json.loads(listed.out)["newest"]
    unknown = await relay.cli("refused", "show", "999999999999")
    assert (unknown.exit_code, unknown.err) == (
        1,
        "relay: there is no refused callback 999999999999; the newest 200 are kept\n",
    )
    assert relay.secret not in shown.out + listed.out


async def refusal_by(agent: str, relay: RelayProgram) -> dict[str, Any]:
    """The refused callback of a client, as soon as it is written down."""
    async with asyncio.timeout(30):
        while True:
            for one in (await relay.ask("refusals.list", limit=200))["newest"]:
                if f"User-Agent: {agent}" in one["headers"].splitlines():
                    return dict(one)
            await asyncio.sleep(0.1)


async def test_anybody_can_check_signatures_with_the_published_key(
    relay: RelayProgram, receiver: Receiver
) -> None:
    await relay.provision("D3", webhook_url=receiver.url)
    await call_back(relay, device="D3", time=1_700_000_000, data="03")
    arrival = await receiver.arrival()
    async with (
        aiohttp.ClientSession() as browser,
        browser.get(f"{relay.url}/.well-known/sigfox-relay.json") as answer,
    ):
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        facts = await answer.json()
    assert facts["webhooks"]["user_agent"] == arrival.headers["user-agent"]
    assert set(facts["webhooks"]["headers"]) <= set(arrival.headers)
    assert facts["webhooks"]["addresses"] == []
    (public_key,) = facts["signatures"]["public_keys"]
    signatures = dict(one.split(",") for one in arrival.headers["webhook-signature"].split(" "))
    signed = f"{arrival.webhook_id}.{arrival.headers['webhook-timestamp']}.".encode() + arrival.body
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key.removeprefix("whpk_")))
    key.verify(base64.b64decode(signatures["v1a"]), signed)


async def test_its_files_are_for_its_user_only(own_relay: RelayProgram) -> None:
    old = os.umask(0o000)
    try:
        async with own_relay.running() as relay:
            await call_back(relay, device="D4", time=1_700_000_000, data="04")
            made = [path for path in relay.folder.iterdir() if path != relay.config_file]
            assert {path.name for path in made} >= {"relay.db", "relay.db-wal", "relay.db.lock"}
            assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in made} == {0}
    finally:
        os.umask(old)


async def serve_with(folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """`relay serve --check-config` without a configuration file; exit code and what it said."""
    program = await Program.start(
        [sys.executable, "-m", "relay", "serve", "--check-config"],
        folder,
        variables={"PATH": os.environ["PATH"], "HOME": str(folder), **environment},
    )
    said, *_ = await program.read_to_end()
    return await program.wait(), said.decode()


async def test_secrets_come_from_files_and_credentials(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{KEY}\n")
    (tmp_path / "sigfox.secrets").write_text(f"{SECRET}\n")
    environment = {"RELAY_SECRET_KEY_FILE": str(tmp_path / "key"), "CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert await serve_with(tmp_path, environment) == (0, "")


@pytest.mark.parametrize(
    ("key", "secret", "said"),
    [
        ("short", SECRET, "SECRET_KEY: entry 1: has 5 characters"),
        ("change-me-change-me-change-me-change-me", SECRET, "placeholder"),
        (KEY, "short", "SIGFOX__SECRETS: entry 1: has 5 characters"),
        ("", SECRET, "SECRET_KEY: is required"),
        (KEY, "", "SIGFOX__SECRETS: is required"),
    ],
)
async def test_it_refuses_to_start_with_a_weak_secret(
    tmp_path: Path, key: str, secret: str, said: str
) -> None:
    environment = {"RELAY_SECRET_KEY": key, "RELAY_SIGFOX__SECRETS": secret}
    code, text = await serve_with(tmp_path, environment)
    assert code == 78
    assert said in text
    assert "Traceback" not in text
    assert [one for one in (key, secret) if len(one) > 9 and one in text] == []
