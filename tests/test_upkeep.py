"""The sweeps of a node, over days of a clock that is moved by hand."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from relay.config.model import RetentionSettings
from relay.domain.letter import Happened
from relay.store.mailing import Mailbox
from relay.store.statistics import OfDevice, Statistics
from relay.store.store import Store, open_store
from relay.upkeep import Upkeep
from tests.store.databases import open_migrated
from tests.store.given import DEVICE, NOW, VAULT, accept, bind, provision, uplink

HOUR = 3600
WATCH_SECONDS = 300


@dataclass(slots=True, kw_only=True)
class Node:
    """One whose sweeps run when the test says so."""

    store: Store
    path: Path
    now: float = NOW

    @property
    def upkeep(self) -> Upkeep:
        return Upkeep(
            driver=self.store.driver,
            node=self.store.node,
            retention=RetentionSettings(),
            most_tries=9,
            now=lambda: self.now,
            outbox=self.store.outbox,
        )

    async def live(self, seconds: int) -> None:
        """Go on so long, sweeping now and then."""
        end = self.now + seconds
        while self.now < end:
            self.now = min(self.now + WATCH_SECONDS, end)
            await self.upkeep.tally()
            await self.upkeep.watch()
            await self.upkeep.tend()

    async def send(self, seq_number: int) -> None:
        time = round(self.now)
        await accept(
            self.store,
            uplink(time=time, seq_number=seq_number),
            received_at_ms=time * 1000,
            lease_until_ms=None,
        )

    async def told(self) -> list[str]:
        """The kinds of events in the mails since the last time."""
        mailbox = Mailbox(driver=self.store.driver, vault=self.store.vault)
        now_ms = round(self.now * 1000)
        mails = await mailbox.claim(now_ms=now_ms, lease_until_ms=now_ms + 10**12, limit=50)
        occasions = [mail.contents.occasion for mail in mails if mail.contents]
        return [event.kind for one in occasions if isinstance(one, Happened) for event in one.events]


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    async with (
        open_migrated(tmp_path / "relay.db") as database,
        open_store(database.driver, VAULT, "node", mails=True) as store,
    ):
        await provision(store)
        await bind(store)
        yield Node(store=store, path=tmp_path / "relay.db")


async def test_silence_and_return_are_mailed_and_given_notice_of(node: Node) -> None:
    await node.store.change_device(DEVICE, lambda device: replace(device, keep_alive_seconds=2 * HOUR))
    with closing(sqlite3.connect(node.path)) as connection, connection:
        connection.execute("UPDATE endpoints SET kinds = 'data,silent,back'")
    await node.send(1)
    await node.live(HOUR)
    assert await node.told() == []
    await node.live(2 * HOUR)
    assert await node.told() == ["silent"]
    await node.live(5 * HOUR)
    await node.send(2)
    await node.live(HOUR)
    assert await node.told() == ["back"]
    due = await node.store.claim_due(
        now_ms=round(node.now * 1000), lease_until_ms=round(node.now * 1000) + 60_000, limit=9
    )
    assert sorted(one.kind for one in due) == ["back", "data", "data", "silent"]


async def test_a_relay_that_was_off_for_hours_calls_nobody_silent(node: Node) -> None:
    await node.store.change_device(DEVICE, lambda device: replace(device, keep_alive_seconds=2 * HOUR))
    await node.send(1)
    await node.live(HOUR)
    node.now += 10 * HOUR
    await node.live(HOUR)
    assert await node.told() == []
    await node.live(2 * HOUR)
    assert await node.told() == ["silent"]


async def test_what_is_old_is_let_go(node: Node) -> None:
    await node.send(1)
    await node.live(HOUR)
    node.now += 3 * 365 * 24 * HOUR
    await node.upkeep.forget()
    statistics = Statistics(node.store.driver)
    assert await statistics.state(DEVICE) is not None
    assert await statistics.hours(OfDevice(DEVICE), since=0, until=2 * NOW) == []
