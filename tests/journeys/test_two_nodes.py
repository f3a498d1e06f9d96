"""Two nodes on PostgreSQL behind a balancer: one dies under load, both are restarted under load."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest
import pytest_asyncio

from tests.durability.ledger import Ledger
from tests.durability.load import Load
from tests.journeys.balancer import Balancer
from tests.journeys.receiver import Arrival, Receiver
from tests.journeys.relay_program import SHORT_SCHEDULE, RelayProgram
from tests.journeys.sigfox import call_back
from tests.postgresql import Server

pytestmark = pytest.mark.asyncio(loop_scope="session")

DEVICES = [f"D{number:02X}" for number in range(8)]
OTHER_DEVICES = [f"E{number:02X}" for number in range(8)]
CRASHES = 3
SOME = 25
MANY = 10
MOST_AT_ONCE = 2
HELD_WITHIN_SECONDS = 20
"""Much less than what waits in memory would go back by itself."""
TIME = 1_800_000_000
FORWARDER = {"allow_networks": ["127.0.0.0/8"], "schedule": list(SHORT_SCHEDULE), "timeout": "5s"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two running nodes, a balancer before them and a customer's server behind them."""

    url: str
    nodes: list[RelayProgram]
    balancer: Balancer
    receiver: Receiver

    async def held(self, device: str, least: int) -> int:
        """How many of a device's messages are held, once there are as many as that."""
        async with asyncio.timeout(HELD_WITHIN_SECONDS):
            while True:
                found = await self.nodes[1].ask(
                    "deliveries.list", device=device, state="held", before=None, limit=MANY
                )
                if len(found["deliveries"]) >= least:
                    return len(found["deliveries"])

    async def ends_leases_of(self, pid: int) -> None:
        """As if the time of a dead node's leases had passed."""
        connection = await asyncpg.connect(self.url)
        try:
            await connection.execute(
                "UPDATE deliveries SET due_at_ms = 0 WHERE state = 'waiting' AND leased_by LIKE $1",
                f"%:{pid}:%",
            )
        finally:
            await connection.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pair(tmp_path_factory: pytest.TempPathFactory, postgresql: Server) -> AsyncIterator[Pair]:
    async with postgresql.database() as url:
        settings = {"database": url, "forwarder": FORWARDER, "log": {"level": "info"}}
        one = RelayProgram(tmp_path_factory.mktemp("one"), settings)
        secrets = {"secret_key": one.secret_key, "sigfox": {"secrets": [one.secret]}}
        two = RelayProgram(tmp_path_factory.mktemp("two"), settings | secrets)
        async with (
            one.running(),
            two.running(),
            Balancer([one, two]) as balancer,
            Receiver() as receiver,
        ):
            for device in (*DEVICES, *OTHER_DEVICES):
                await one.provision(device, webhook_url=receiver.url)
            yield Pair(url=url, nodes=[one, two], balancer=balancer, receiver=receiver)


async def test_a_node_that_dies_under_load_loses_nothing_that_was_acknowledged(pair: Pair) -> None:
    pair.receiver.answering = ledger = Ledger()
    load, dying = Load(pair.balancer, DEVICES), pair.nodes[0]
    async with load.sending():
        for _ in range(CRASHES):
            pid = dying.pid
            await load.until_acknowledged(len(load.acknowledged) + SOME)
            await dying.kill()
            await load.until_acknowledged(len(load.acknowledged) + SOME)
            await dying.start()
            await pair.ends_leases_of(pid)
    await ledger.until_all_came(load.acknowledged)

    arrivals = Counter[str]()
    for (_, webhook_id), count in ledger.arrivals.items():
        arrivals[webhook_id] += count
    assert ledger.more_than_one_id == []
    assert max(arrivals.values()) <= 1 + CRASHES
    assert set(load.answers) == {204}


async def test_both_nodes_are_restarted_under_load_and_no_callback_fails(pair: Pair) -> None:
    pair.receiver.answering = ledger = Ledger()
    load = Load(pair.balancer, OTHER_DEVICES)
    async with load.sending():
        for node in pair.nodes:
            await load.until_acknowledged(len(load.acknowledged) + SOME)
            assert await node.stop() == 0
            await load.until_acknowledged(len(load.acknowledged) + SOME)
            await node.start()
        await load.until_acknowledged(len(load.acknowledged) + SOME)
    await ledger.until_all_came(load.acknowledged)

    assert set(load.answers) == {204}
    assert ledger.repeats == 0
    assert [node.faults for node in pair.nodes] == [[], []]


async def test_what_a_node_holds_in_memory_is_not_sent_when_the_endpoint_was_paused_elsewhere(
    pair: Pair,
) -> None:
    seen, gate = list[str](), asyncio.Event()

    async def answer(arrival: Arrival) -> int:
        seen.append(arrival.webhook_id)
        await gate.wait()
        return 204

    pair.receiver.answering = answer
    await pair.nodes[0].provision("F00", webhook_url=pair.receiver.url)
    for number in range(MANY):
        answered = await call_back(pair.nodes[0], device="F00", time=TIME, data="00ff", seqNumber=number)
        assert answered.status == 204
    await pair.nodes[1].ask("endpoints.pause", device="F00")
    held = await pair.held("F00", MANY - MOST_AT_ONCE)
    gate.set()
    assert len(seen) + held == MANY


async def test_both_nodes_are_known_to_be_alive(pair: Pair) -> None:
    found = await pair.nodes[1].ask("nodes.list")

    alive = [node["name"].split(":")[1] for node in found["nodes"] if node["alive"]]
    assert {str(node.pid) for node in pair.nodes} <= set(alive)
