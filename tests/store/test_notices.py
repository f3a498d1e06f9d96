"""Whoever watches hears what a transaction changed, once it is durable; on PostgreSQL on every node."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import pytest

from relay.domain.delivery import Cause
from relay.domain.verdict import DueAgain
from relay.errors import StoreUnavailable
from relay.store import postgresql_notices, tending
from relay.store.driver import Do, Steps
from relay.store.notices import (
    ANYTHING,
    MOST_BYTES,
    PERHAPS,
    Notice,
    Notices,
    about,
    endpoint_changed,
    pack,
    unpack,
)
from relay.store.postgresql import PostgresqlDriver
from relay.store.postgresql_notices import CHANNEL
from relay.store.store import Store, open_store
from tests.store.conftest import OpenedStore
from tests.store.given import (
    DEVICE,
    NOW_MS,
    OTHER_HOST,
    OTHER_URL,
    VAULT,
    accept,
    bind,
    bound_device,
    settle,
    settlement,
)
from tests.store.postgresql_database import opened_url


@dataclass(slots=True)
class Heard:
    """All notices of one process, as one."""

    all: Notice = field(default_factory=Notice)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, notice: Notice) -> None:
        self.all |= notice
        self.news.set()

    async def until(self, notice: Notice) -> None:
        """Until that much of it was heard."""
        async with asyncio.timeout(30):
            while self.all | notice != self.all:
                self.news.clear()
                await self.news.wait()


@pytest.fixture
async def heard(opened_store: OpenedStore) -> AsyncIterator[Heard]:
    heard = Heard()
    with opened_store.driver.notices.listening(heard):
        yield heard


async def is_told(notices: Notices, device: int | None, notice: Notice) -> bool:
    async with notices.watch(device) as changes:
        notices.publish(notice)
        try:
            async with asyncio.timeout(0):
                await anext(changes)
        except TimeoutError:
            return False
        return True


# --- in one process


@pytest.mark.parametrize(
    ("device", "notice", "told"),
    [
        (1, about(1, 2), True),
        (3, about(1, 2), False),
        (None, about(1), True),
        (3, PERHAPS, True),
        (None, Notice(work=True), False),
    ],
)
async def test_who_watches_a_device_hears_of_it(device: int | None, notice: Notice, told: bool) -> None:
    notices = Notices()
    assert await is_told(notices, device, notice) is told
    assert not notices.are_wanted


async def test_changes_that_come_while_nobody_waits_count_as_one() -> None:
    notices, turns = Notices(), 0
    async with notices.watch(1) as changes:
        for _ in range(3):
            notices.publish(about(1))
        async for _ in changes:
            turns += 1
            if turns == 1:
                notices.publish(about(1))
            else:
                break
    assert turns == 2


async def test_a_message_and_its_outcome_are_told_to_who_watches(store: Store) -> None:
    await bound_device(store)
    async with store.notices.watch(DEVICE) as changes, asyncio.timeout(30):
        (delivery,) = (await accept(store)).deliveries
        await anext(changes)
        await settle(store, settlement(delivery))
        await anext(changes)


async def test_changes_of_an_endpoint_and_due_work_are_told(opened_store: OpenedStore, heard: Heard) -> None:
    store = opened_store.store
    endpoint = (await bound_device(store)).endpoint.id
    await heard.until(endpoint_changed(DEVICE, endpoint, work=True))
    for steps in (tending.pause(endpoint), tending.resume(endpoint), tending.set_ordered(endpoint, False)):
        heard.all = Notice()
        await store.driver.transact(steps)
        await heard.until(endpoint_changed(DEVICE, endpoint))
    heard.all = Notice()
    await bind(store, OTHER_URL, OTHER_HOST)
    await heard.until(endpoint_changed(DEVICE, endpoint, work=True))
    heard.all = Notice()
    await accept(store, lease_until_ms=None)
    await heard.until(Notice(work=True))
    (row,) = await opened_store.rows("deliveries")
    heard.all = Notice()
    await store.driver.transact(tending.send_again([row["id"]], NOW_MS))
    await heard.until(about(DEVICE, work=True))


async def test_a_failure_at_a_closed_endpoint_is_told_though_it_was_closed_before(
    opened_store: OpenedStore, heard: Heard
) -> None:
    endpoint = (await bound_device(opened_store.store)).endpoint.id
    (delivery,) = (await accept(opened_store.store)).deliveries
    await opened_store.database.execute("UPDATE endpoints SET state = 'failing', failures = 12")
    again = DueAgain(NOW_MS + 5000)
    await settle(opened_store.store, settlement(delivery, again, Cause.REFUSED))
    await heard.until(Notice(endpoints=frozenset({endpoint})))


async def test_what_is_undone_is_not_told(opened_store: OpenedStore, heard: Heard) -> None:
    def undone() -> Steps[None]:
        yield about(DEVICE)
        yield Do("ping")
        raise StoreUnavailable("the disk is full")

    with pytest.raises(StoreUnavailable):
        await opened_store.driver.transact(undone())
    await opened_store.store.ping()
    assert heard.all == Notice()


# --- on their way


@pytest.mark.parametrize(
    "notice", [Notice(), ANYTHING, PERHAPS, about(1, 2**32 - 1), endpoint_changed(3, 2**60)]
)
def test_a_notice_comes_out_as_it_was_packed(notice: Notice) -> None:
    assert unpack(pack(notice, "node")) == (notice, "node")


@pytest.mark.parametrize(("devices", "endpoints"), [(1000, 3), (0, 1000)])
def test_a_notice_that_names_too_many_names_none(devices: int, endpoints: int) -> None:
    notice = Notice(
        devices=frozenset(range(2**31, 2**31 + devices)), endpoints=frozenset(range(2**60, 2**60 + endpoints))
    )
    packed = pack(notice, "node")
    assert len(packed) <= MOST_BYTES
    assert unpack(packed)[0] | notice == unpack(packed)[0]
    assert (unpack(packed)[0].endpoints is None) is (endpoints > 3)


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "{}", '{"devices":[[]],"endpoints":[],"work":0,"sender":""}']
)
def test_what_cannot_be_read_may_be_anything(text: str) -> None:
    assert unpack(text) == (PERHAPS, "")


# --- between nodes


@asynccontextmanager
async def hearing(url: str, heard: Heard) -> AsyncIterator[PostgresqlDriver]:
    """Another node that hears, once it does."""
    async with opened_url(url) as driver, asyncio.TaskGroup() as tasks:
        with driver.notices.listening(heard):
            listening = tasks.create_task(driver.listen())
            await heard.until(ANYTHING)
            heard.all = Notice()
            yield driver
            listening.cancel()


async def test_another_node_hears_of_messages_of_changes_and_of_work(postgresql_url: str) -> None:
    heard = Heard()
    async with (
        opened_url(postgresql_url) as driver,
        open_store(driver, VAULT, "node-1") as store,
        hearing(postgresql_url, heard),
    ):
        endpoint = (await bound_device(store)).endpoint.id
        await heard.until(endpoint_changed(DEVICE, endpoint, work=True))
        heard.all = Notice()
        await accept(store)
        await heard.until(about(DEVICE))
        assert heard.all == about(DEVICE)


async def test_a_node_whose_ear_was_cut_off_looks_and_hears_again(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_notices, "LOOK_EVERY_SECONDS", 0.01)
    heard = Heard()
    async with hearing(postgresql_url, heard) as driver:
        connection = await asyncpg.connect(postgresql_url)
        listener = await connection.fetchval(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
        await connection.execute("SELECT pg_terminate_backend($1)", listener)
        await heard.until(ANYTHING)
        heard.all = Notice()
        await connection.execute(f"NOTIFY {CHANNEL}, '{pack(about(7), 'another')}'")
        await heard.until(about(7))
        await connection.close()
        await driver.transact(tending.pause(0))


async def test_a_node_that_hears_nothing_looks_again_and_again(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As behind a pooler that lends its connections a transaction at a time."""
    monkeypatch.setattr(postgresql_notices, "LOOK_EVERY_SECONDS", 0.01)
    monkeypatch.setattr(postgresql_notices, "ECHO_WITHIN_SECONDS", 0.01)
    monkeypatch.setattr(postgresql_notices.Ear, "_hear", lambda *_: None)
    async with opened_url(postgresql_url) as driver, asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(driver.listen())
        async with driver.notices.watch(DEVICE) as changes, asyncio.timeout(30):
            await anext(changes)
            await anext(changes)
        listening.cancel()
    assert [record.message for record in caplog.records].count("notices.lost") == 1
