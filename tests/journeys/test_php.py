"""A customer's PHP script, written for the Sigfox cloud, behind the relay."""

import asyncio
import json
import os
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.journeys.relay_program import RelayProgram
from tests.journeys.sigfox import call_back

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCRIPT = Path(__file__).with_name("customer.php")
NAMES = ("time", "duplicate", "snr", "station", "data", "avgSignal", "lat", "lng", "rssi", "seqNumber")
QUERY = "id={device}&" + "&".join(f"{name}={{{name}}}" for name in NAMES)
MESSAGE = {
    "time": 1_700_000_000,
    "data": "0f09",
    "snr": "14.99",
    "station": "0E3A",
    "avgSnr": "12.50",
    "lat": "50.0",
    "lng": "14.0",
    "rssi": "-136.00",
    "seqNumber": 4095,
    "duplicate": "false",
}
STARTS_WITHIN_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class PhpServer:
    """Where it listens, and the file to which the script writes."""

    url: str
    told: Path

    def messages(self) -> list[dict[str, str]]:
        """What the script was told, oldest first."""
        return [json.loads(line) for line in self.told.read_text().splitlines()]


@pytest_asyncio.fixture(loop_scope="session")
async def php(tmp_path: Path) -> AsyncIterator[PhpServer]:
    program = shutil.which("php")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("php is not installed")
        pytest.skip("php is not installed")
    port, told = free_port(), tmp_path / "told"
    process = await asyncio.create_subprocess_exec(
        *(program, "-S", f"127.0.0.1:{port}", str(SCRIPT)),
        env={**os.environ, "TOLD": str(told)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await listening(port)
        yield PhpServer(url=f"http://127.0.0.1:{port}/callback.php", told=told)
    finally:
        process.kill()
        await process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def listening(port: int) -> None:
    async with asyncio.timeout(STARTS_WITHIN_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
                continue
            writer.close()
            return


async def test_a_script_for_sigfox_runs_unchanged(relay: RelayProgram, php: PhpServer) -> None:
    await relay.provision("C0DE")
    settings = {"format": "template", "method": "GET", "headers": [["X-Key", "s3cret-header"]]}
    await relay.ask("endpoints.add", device="C0DE", url=f"{php.url}?{QUERY}", settings=settings)
    answer = await call_back(relay, device="c0de", **MESSAGE)
    assert answer.status == 204
    (message,) = await relay.delivered("C0DE")
    assert php.messages() == [
        {
            "id": "C0DE",
            "time": "1700000000",
            "duplicate": "false",
            "snr": "14.99",
            "station": "0E3A",
            "data": "0f09",
            "avgSignal": "12.5",
            "lat": "50.0",
            "lng": "14.0",
            "rssi": "-136.0",
            "seqNumber": "4095",
        }
    ]
    (attempt,) = message["deliveries"][0]["attempts"]
    assert json.loads(attempt["answer"]) == {"C0DE": {"downlinkData": "0102030405060708"}}
    assert relay.has_logged("s3cret-header") == []


async def test_its_answer_is_the_downlink_where_it_is_asked(relay: RelayProgram, php: PhpServer) -> None:
    await relay.provision("C0DF")
    await relay.ask("devices.set", device="C0DF", settings={"downlink_chain": "ask"})
    settings = {"format": "template", "method": "GET"}
    await relay.ask("endpoints.add", device="C0DF", url=f"{php.url}?{QUERY}", settings=settings)
    answer = await call_back(relay, device="C0DF", ack=True, **MESSAGE)
    assert json.loads(answer.body) == {"C0DF": {"downlinkData": "0102030405060708"}}
    await relay.delivered("C0DF")
    assert [told["seqNumber"] for told in php.messages()] == ["4095"]


async def test_a_test_message_goes_in_the_format_of_the_webhook(relay: RelayProgram, php: PhpServer) -> None:
    await relay.provision("C0D0")
    settings = {"format": "template", "method": "GET"}
    await relay.ask("endpoints.add", device="C0D0", url=f"{php.url}?{QUERY}", settings=settings)
    (test,) = (await relay.ask("endpoints.test", device="C0D0"))["tests"]
    assert (test["taken"], php.messages()[0]["id"]) == (True, "C0D0")
