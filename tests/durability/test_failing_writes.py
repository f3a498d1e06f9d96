"""The n-th thing that SQLite is asked to do fails, for each n over one callback and its delivery.

All of it happens to one store that is never opened again.
"""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from relay.domain.delivery import DeliveryState
from relay.domain.uplink import Uplink
from relay.errors import StoreUnavailable
from relay.store import group_commit, opening
from relay.store.records import Accepted, Incoming
from tests.durability.faults import FailingDriver, Faults
from tests.forwarder.conftest import DEVICE, RAW, Clock, Rig, started
from tests.forwarder.receivers import Receiver, receiver

LEASE_SECONDS = 61.0
LONG_SECONDS = 60.0


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> Faults:
    monkeypatch.setattr(FailingDriver, "faults", Faults())
    monkeypatch.setattr(opening, "SqliteDriver", FailingDriver)
    monkeypatch.setattr(group_commit, "ID_BLOCK", 1)  # ids are reserved for each callback anew
    return FailingDriver.faults


@dataclass(frozen=True, slots=True)
class Message:
    """The n-th message on its way, while the n-th execution fails."""

    number: int
    rig: Rig
    at: Receiver
    faults: Faults
    database: Path

    async def went_through(self) -> int:
        """See that it is delivered, whatever fails; returns how much was executed until it was settled."""
        taken = await self.accepted()
        if taken:
            await self.at.until(lambda seen: len(seen.requests) == self.number)
            await self.rig.end_attempts()
            await self.written_or_refused()
        else:
            assert bool(await self.accepted()) is not self.faults.for_good
        executed = self.faults.seen
        self.rig.clock.now += LEASE_SECONDS  # its lease may end before its outcome is written
        await self.rig.dispatcher.claim_once()
        self.faults.heal()
        if not taken and self.faults.for_good:
            assert await self.accepted()
        await self.rig.dispatcher.claim_once()
        await self.rig.until(DeliveryState.DELIVERED, count=self.number)
        return executed

    async def accepted(self) -> Accepted | None:
        """The callback, and what follows when it was taken; None when it gets 503."""
        rig = self.rig
        uplink = Uplink(
            device=DEVICE, device_text="1a2b3c", time=1_800_000_000, data="c0ffee", seq_number=self.number
        )
        incoming = Incoming(
            uplink=uplink,
            raw=RAW,
            received_at_ms=rig.clock.now_ms,
            lease_until_ms=rig.dispatcher.lease_until_ms(),
        )
        try:
            accepted = await rig.store.accept(incoming, LONG_SECONDS)
        except StoreUnavailable:
            return None
        rig.dispatcher.offer(accepted.deliveries)
        return accepted

    async def written_or_refused(self) -> None:
        """Until the outcome is in the database, or the writer knows that it cannot be."""
        async with asyncio.timeout(LONG_SECONDS):
            while not self.rig.store.writer.is_behind and self.delivered() < self.number:  # noqa: ASYNC110 - no one tells
                await asyncio.sleep(0.005)

    def delivered(self) -> int:
        """Asked beside the driver, so that it does not count."""
        with closing(sqlite3.connect(self.database)) as connection:
            asked = connection.execute("SELECT count(*) FROM deliveries WHERE state = 'delivered'")
            return int(asked.fetchone()[0])


@pytest.mark.parametrize("too_late", [False, True])
@pytest.mark.parametrize("for_good", [False, True])
async def test_whichever_write_fails_what_was_acknowledged_is_delivered_once(
    tmp_path: Path, faults: Faults, for_good: bool, too_late: bool
) -> None:
    path, number, executed = tmp_path / "relay.db", 0, 1
    async with receiver() as at, started(path, Clock()) as rig:
        await rig.register(at.url())
        while executed >= number:
            number += 1
            faults.arm(number, for_good=for_good, too_late=too_late)
            executed = await Message(number, rig, at, faults, path).went_through()
        kept = await rig.kept()
        await rig.end_attempts()
    assert number > 10
    assert sorted(request.headers["webhook-id"] for request in at.requests) == sorted(
        delivery.webhook_id for delivery in kept
    )
