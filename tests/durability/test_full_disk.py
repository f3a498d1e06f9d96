"""The disk is full: callbacks get 503, what was accepted is delivered, and all heals by itself."""

import asyncio
import json
import os
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.journeys.receiver import Arrival, Receiver, with_status
from tests.journeys.relay_program import RelayProgram
from tests.wire import exchange, request_bytes

DEVICE = "7D"
ACCEPTED = ["01", "02", "03", "04", "05"]
"""More than are sent to one endpoint at once: some are under way when the disk fills, some wait in memory."""
LATER = "06"
FILE_LIMIT_BYTES = 4096
DISK_BYTES = 160 * 1024 * 1024
LITTLE_BYTES = 32 * 1024 * 1024
REFUSED = (503, "60")
TAKEN = (204, None)


@contextmanager
def no_file_may_grow(pid: int) -> Iterator[None]:
    """What SQLite calls `SQLITE_IOERR`."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (FILE_LIMIT_BYTES, before[1]))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@contextmanager
def filled(disk: Path, leave_bytes: int) -> Iterator[None]:
    """Nothing left is what SQLite calls `SQLITE_FULL`."""
    status = os.statvfs(disk)
    filling = disk / "filling"
    with filling.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, status.f_bavail * status.f_frsize - leave_bytes)
    yield
    filling.unlink()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "relay-test", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk, and not everywhere")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


async def call_back(relay: RelayProgram, data: str) -> tuple[int, str | None]:
    """Status and `Retry-After`."""
    message = {"device": DEVICE, "time": 1_700_000_000, "data": data}
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {relay.secret}"}) as session,
        session.post(f"{relay.url}/sigfox/data", json=message) as response,
    ):
        return response.status, response.headers.get("Retry-After")


async def arrived(receiver: Receiver, count: int) -> list[str]:
    return sorted([json.loads((await receiver.arrival()).body)["data"] for _ in range(count)])


async def disk_as_shown(relay: RelayProgram) -> tuple[int | None, bool]:
    """Status of `/readyz`, and what it says of the disk."""
    reply = await exchange(relay.port, request_bytes("GET", "/readyz", {}, b""))
    return reply.status, json.loads(reply.body)["checks"]["disk"]["ok"]


async def accept_some(relay: RelayProgram, receiver: Receiver) -> asyncio.Event:
    """None of them is answered by the receiver before the event."""
    let_go = asyncio.Event()

    async def hold(_: Arrival) -> int:
        await let_go.wait()
        return 204

    receiver.answering = hold
    await relay.provision(DEVICE, webhook_url=receiver.url)
    for data in ACCEPTED:
        assert await call_back(relay, data) == TAKEN
    return let_go


async def all_is_well_again(relay: RelayProgram, receiver: Receiver) -> None:
    """The same process takes Sigfox's repeat, and has written down all outcomes; nothing was sent twice."""
    receiver.answering = with_status(204)
    assert await call_back(relay, LATER) == TAKEN
    assert await arrived(receiver, 1) == [LATER]
    assert len(await relay.delivered(DEVICE)) == len(ACCEPTED) + 1
    assert not receiver.has_more


async def test_while_no_file_may_grow_callbacks_get_503_and_deliveries_go_on(
    tmp_path: Path, receiver: Receiver
) -> None:
    relay = RelayProgram(tmp_path)
    async with relay.running():
        let_go = await accept_some(relay, receiver)
        with no_file_may_grow(relay.pid):
            assert await call_back(relay, LATER) == REFUSED
            let_go.set()
            assert await arrived(receiver, len(ACCEPTED)) == ACCEPTED
            assert await call_back(relay, LATER) == REFUSED
        await all_is_well_again(relay, receiver)


async def test_on_a_full_disk_callbacks_get_503_and_deliveries_go_on(
    small_disk: Path, receiver: Receiver
) -> None:
    relay = RelayProgram(small_disk)
    async with relay.running():
        let_go = await accept_some(relay, receiver)
        with filled(small_disk, leave_bytes=0):
            assert await call_back(relay, LATER) == REFUSED
            let_go.set()
            assert await arrived(receiver, len(ACCEPTED)) == ACCEPTED
            await relay.logged("database.disk_low")
            assert await call_back(relay, LATER) == REFUSED
        await relay.logged("database.disk_has_room")
        await all_is_well_again(relay, receiver)


async def test_before_the_disk_is_full_callbacks_get_503_and_outcomes_are_still_written(
    small_disk: Path, receiver: Receiver
) -> None:
    relay = RelayProgram(small_disk)
    async with relay.running():
        let_go = await accept_some(relay, receiver)
        assert await disk_as_shown(relay) == (200, True)
        with filled(small_disk, leave_bytes=LITTLE_BYTES):
            await relay.logged("database.disk_low")
            assert await call_back(relay, LATER) == REFUSED
            assert await disk_as_shown(relay) == (503, False)
            let_go.set()
            assert await arrived(receiver, len(ACCEPTED)) == ACCEPTED
            assert len(await relay.delivered(DEVICE)) == len(ACCEPTED)
        await relay.logged("database.disk_has_room")
        assert await disk_as_shown(relay) == (200, True)
        await all_is_well_again(relay, receiver)
