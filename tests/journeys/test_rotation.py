"""Every key is changed while messages come: none is refused, none is lost."""

import asyncio
import contextlib
import itertools
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import pytest

from relay.config import load_config
from relay.store.vault import Vault
from tests.journeys.owner import register
from tests.journeys.receiver import Arrival, Receiver
from tests.journeys.relay_program import RelayProgram
from tests.journeys.sigfox import call_back

pytestmark = pytest.mark.asyncio(loop_scope="session")

TOKEN = "t0ken-on-the-card"
DEVICES = [f"E{number:03X}" for number in range(40)]


@dataclass(slots=True)
class Load:
    """Callbacks without a pause; one that finds nobody there is made again, as Sigfox does."""

    relay: RelayProgram
    secret: str
    accepted: set[str] = field(default_factory=set)
    refused: list[int] = field(default_factory=list)

    async def run(self) -> None:
        async with aiohttp.ClientSession() as session:
            for number in itertools.count():
                await self._send(session, DEVICES[number % len(DEVICES)], f"{number:08x}")

    async def _send(self, session: aiohttp.ClientSession, device: str, data: str) -> None:
        while True:
            fields = {"device": device, "time": 1_700_000_000, "data": data}
            headers = {"Authorization": f"Bearer {self.secret}"}
            with contextlib.suppress(aiohttp.ClientError):
                url = f"{self.relay.url}/sigfox/data"
                async with session.post(url, json=fields, headers=headers) as answer:
                    if answer.status == 204:
                        self.accepted.add(data)
                        return
                    if answer.status != 503:
                        self.refused.append(answer.status)
                        return
            await asyncio.sleep(0.05)

    async def goes_on(self, count: int = 20) -> None:
        """Until that many more were taken."""
        wanted = len(self.accepted) + count
        async with asyncio.timeout(30):
            while len(self.accepted) < wanted and not self.refused:  # noqa: ASYNC110 - as simple as it gets
                await asyncio.sleep(0.02)


@asynccontextmanager
async def loaded(relay: RelayProgram) -> AsyncIterator[Load]:
    load = Load(relay, relay.secret)
    running = asyncio.create_task(load.run())
    try:
        await load.goes_on()
        yield load
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def restart_with(relay: RelayProgram, **settings: object) -> None:
    await relay.stop()
    relay._settings.update(settings)
    relay._write_config()
    await relay.start()


async def test_every_key_rotates_under_load(own_relay: RelayProgram, receiver: Receiver) -> None:
    arrived: dict[str, Arrival] = {}

    async def take(arrival: Arrival) -> int:
        arrived[json.loads(arrival.body)["data"]] = arrival
        return 204

    receiver.answering = take
    old_key, new_key = own_relay.secret_key, secrets.token_urlsafe(32)
    new_secret = secrets.token_urlsafe(32)
    async with own_relay.running() as relay:
        for device in DEVICES:
            await relay.provision(device, token=TOKEN, webhook_url=receiver.url)
        async with loaded(relay) as load:
            # The new keys come in, beside the old ones.
            secrets_of_both = {"secrets": [new_secret, relay.secret]}
            await restart_with(relay, secret_key=[new_key, old_key], sigfox=secrets_of_both)
            await load.goes_on()
            load.secret = new_secret
            first, rotated = await asyncio.gather(
                relay.cli("endpoint", "rotate-secret", DEVICES[0], "--json"),
                relay.cli("rotate-keys", "--json"),
            )
            assert (first.exit_code, rotated.exit_code) == (0, 0), first.err + rotated.err
            done = json.loads(rotated.out)
            assert (done["stale"], done["damaged"], done["devices"]) == (0, [], len(DEVICES))
            assert done["count"] >= 2 * len(DEVICES)
            await load.goes_on()
            # The old keys go.
            await restart_with(relay, secret_key=[new_key], sigfox={"secrets": [new_secret]})
            await load.goes_on()
            page = await register(relay, device_id=DEVICES[1], token=TOKEN, webhook_url=f"{receiver.url}/b")
            assert page.status == 303
            await load.goes_on()
        assert load.refused == []
        async with asyncio.timeout(30):
            while load.accepted - set(arrived):
                await receiver.arrival()
        again = json.loads((await relay.cli("rotate-keys", "--json")).out)
        # One owner used the form, so one token is known by the new key.
        assert (again["count"], again["stale"], again["devices"]) == (0, 0, len(DEVICES) - 1)
    assert own_relay.faults == []
    assert own_relay.has_logged(old_key, new_key, new_secret, TOKEN) == []


async def test_a_rotation_that_was_cut_short_is_finished_by_the_next(own_relay: RelayProgram) -> None:
    rows = [
        {"label": f"{number:X}", "token": TOKEN, "email": "", "webhook_url": "https://hooks.example.com/"}
        for number in range(1, 301)
    ]
    await own_relay.ask("devices.provision", rows=rows)
    old_key, new_key = own_relay.secret_key, secrets.token_urlsafe(32)
    own_relay._settings["secret_key"] = [new_key, old_key]
    own_relay._write_config()
    async with own_relay.running() as relay:
        first_key = await first_key_name(relay)
        await relay.ask("keys.reseal", first_key=first_key, cursor=None)
        await relay.kill()
        await relay.start()
        text = (await relay.cli("rotate-keys")).out
        assert "Nothing needs the other keys any more" in text
        assert "The tokens of 300 devices" in text
        await restart_with(relay, secret_key=new_key)
        assert len((await relay.ask("devices.list", after=-1, limit=500))["devices"]) == 300


async def first_key_name(relay: RelayProgram) -> str:
    config = load_config(relay.config_file, {}).config
    return Vault([key.get_secret_value() for key in config.secret_key]).first_key_name


async def test_a_service_that_was_not_restarted_says_so(own_relay: RelayProgram) -> None:
    async with own_relay.running() as relay:
        relay._settings["secret_key"] = [secrets.token_urlsafe(32), relay.secret_key]
        relay._write_config()
        finished = await relay.cli("rotate-keys")
    assert (finished.exit_code, finished.out) == (1, "")
    assert "restart it first" in finished.err


async def test_without_the_old_key_it_does_not_start(own_relay: RelayProgram) -> None:
    async with own_relay.running():
        pass
    own_relay._settings["secret_key"] = secrets.token_urlsafe(32)
    own_relay._write_config()
    finished = await own_relay.cli("serve")
    assert finished.exit_code == 1
    assert finished.err == (
        "relay: secret_key: no key of the list opens keyring:installation; put back the one that sealed it\n"
    )


async def test_both_secrets_sign_after_a_rotation(relay: RelayProgram, receiver: Receiver) -> None:
    await relay.provision("E9", token=TOKEN)
    old = (await register(relay, device_id="E9", token=TOKEN, webhook_url=receiver.url)).secret
    assert old is not None
    finished = await relay.cli("endpoint", "rotate-secret", "e9")
    new = finished.out.split()[0]
    assert new.startswith("whsec_")
    await call_back(relay, device="E9", time=1_700_000_000, data="09")
    arrival = await receiver.arrival()
    assert arrival.verified(old) == arrival.verified(new)
