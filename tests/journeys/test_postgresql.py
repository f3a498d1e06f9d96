"""The relay on PostgreSQL: made, migrated, shared by nodes, and its server restarted."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.journeys.receiver import Receiver
from tests.journeys.relay_program import RelayProgram
from tests.journeys.sigfox import call_back
from tests.postgresql import Server, running_cluster

pytestmark = pytest.mark.asyncio(loop_scope="session")

TIME = 1_800_000_000


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


async def test_callbacks_are_refused_while_the_server_is_away_and_taken_again_afterwards(
    tmp_path: Path, receiver: Receiver
) -> None:
    with running_cluster() as cluster:
        async with cluster.database() as url, node(tmp_path / "one", url).running() as relay:
            await relay.provision("1A2B3C", webhook_url=receiver.url)
            await asyncio.to_thread(cluster.stop)
            answer = await call_back(relay, device="1A2B3C", time=TIME, data="00ff", seqNumber=1)
            assert answer.status == 503
            await asyncio.to_thread(cluster.start)
            await relay.logged("database.reached")
            answer = await call_back(relay, device="1A2B3C", time=TIME, data="00ff", seqNumber=1)
            assert answer.status == 204
            assert len(await relay.delivered("1A2B3C")) == 1
            await relay.stop()
