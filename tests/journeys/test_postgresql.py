"""The relay on PostgreSQL: made, migrated, shared by nodes, and its server restarted."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.durability.ledger import Ledger
from tests.durability.load import Load
from tests.journeys.receiver import Receiver
from tests.journeys.relay_program import RelayProgram
from tests.journeys.sigfox import call_back
from tests.postgresql import Server, running_cluster

pytestmark = pytest.mark.asyncio(loop_scope="session")

TIME = 1_800_000_000
DEVICES = [f"D{number:02X}" for number in range(8)]
SOME = 25


@pytest_asyncio.fixture(loop_scope="session")
async def url(postgresql: Server) -> AsyncIterator[str]:
    async with postgresql.database() as url:
        yield url


def node(folder: Path, url: str, like: RelayProgram | None = None) -> RelayProgram:
    """A relay on this database, with the secrets of the node that is there."""
    folder.mkdir()
    settings: dict[str, object] = {"database": url}
    if like:
        settings |= {"secret_key": like.secret_key, "sigfox": {"secrets": [like.secret]}}
    program = RelayProgram(folder, settings)
    if like:
        program.secret, program.secret_key = like.secret, like.secret_key
    return program


async def test_migrate_is_a_step_of_its_own(tmp_path: Path, url: str) -> None:
    program = node(tmp_path / "one", url)
    first, second = await asyncio.gather(program.cli("migrate"), program.cli("migrate"))
    assert (first.exit_code, second.exit_code) == (0, 0), first.err + second.err
    assert (first.out + second.out).count("applied 0001_start") == 1
    assert "Traceback" not in first.err + second.err


async def test_two_nodes_share_messages_and_commands_go_to_the_database(
    tmp_path: Path, url: str, receiver: Receiver
) -> None:
    one = node(tmp_path / "one", url)
    other = node(tmp_path / "other", url, like=one)
    async with one.running(), other.running():
        await one.provision("1A2B3C", webhook_url=receiver.url)
        for number in range(20):
            through = (one, other)[number % 2]
            answer = await call_back(through, device="1A2B3C", time=TIME, data="00ff", seqNumber=number)
            assert answer.status == 204
        messages = await other.delivered("1A2B3C")
        listed = await one.cli("device", "list", "--json")
    assert len(messages) == 20
    assert listed.exit_code == 0
    assert '"1A2B3C"' in listed.out
    assert one.faults == other.faults == []


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_server_that_restarts_under_load_loses_nothing_that_was_acknowledged(
    tmp_path: Path, receiver: Receiver, mode: str
) -> None:
    receiver.answering = ledger = Ledger()
    with running_cluster() as cluster:
        async with cluster.database() as url, node(tmp_path / "one", url).running() as relay:
            for device in DEVICES:
                await relay.provision(device, webhook_url=receiver.url)
            load = Load(relay, DEVICES)
            async with load.sending():
                await load.until_acknowledged(SOME)
                await asyncio.to_thread(cluster.stop, mode)
                await load.until_answered(503)
                await asyncio.to_thread(cluster.start)
                await relay.logged("database.reached")
                await load.until_acknowledged(len(load.acknowledged) + SOME)
            await ledger.until_all_came(load.acknowledged)
            await relay.logged("notices.lost")
            await relay.stop()
    assert set(load.answers) == {204, 503}
    assert ledger.more_than_one_id == []
