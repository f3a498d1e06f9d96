"""Statistics are read by hours and days, of one device, a type or all; what is old goes."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from relay.domain.uplink import Kind
from relay.store.driver import Driver
from relay.store.statements import load_statements
from relay.store.statistics import (
    Limits,
    OfAll,
    OfDevice,
    OfType,
    Scope,
    Statistics,
    forget_statistics,
)
from relay.store.store import Store
from relay.store.tallying import UNPROVISIONED_TYPE
from tests.store.conftest import OpenedStore
from tests.store.databases import SqliteDatabase
from tests.store.given import DEVICE, NOW, NOW_MS, accept, provision
from tests.store.test_tallying import HOUR, send, service, tally_all

DAY = 24 * HOUR
OTHER = 0xBEEF
PRAGUE, KOLKATA = ZoneInfo("Europe/Prague"), ZoneInfo("Asia/Kolkata")


@pytest.fixture
async def statistics(opened_store: OpenedStore, store: Store) -> Statistics:
    """NOW is 15 January 2027, 08:00 UTC; the usual device sends for three days, another one once."""
    await provision(store)
    for number, seconds in enumerate((0, 10, HOUR, 15 * HOUR, DAY, 2 * DAY)):
        await send(store, seconds, seq_number=number, rssi=-100.0 - number, snr=None)
    await send(store, 0, device=OTHER, device_text="BEEF", seq_number=0, rssi=-50.0, data="010203")
    await tally_all(opened_store.driver)
    return Statistics(opened_store.driver)


@pytest.mark.parametrize(
    ("scope", "messages"),
    [
        (OfDevice(DEVICE), [2, 1, 1, 1, 1]),
        (OfDevice(OTHER), [1]),
        (OfDevice(7), []),
        (OfType(0), [2, 1, 1, 1, 1]),
        (OfType(UNPROVISIONED_TYPE), [1]),
        (OfAll(), [3, 1, 1, 1, 1]),
    ],
)
async def test_each_scope_has_its_hours(statistics: Statistics, scope: Scope, messages: list[int]) -> None:
    hours = await statistics.hours(scope, since=NOW, until=NOW + 3 * DAY)
    assert [hour.totals.messages for hour in hours] == messages
    assert all(hour.starts_at % HOUR == 0 for hour in hours)


async def test_days_are_those_of_the_reader(statistics: Statistics) -> None:
    asked = {"since": NOW, "until": NOW + 3 * DAY}
    in_prague = await statistics.days(OfDevice(DEVICE), PRAGUE, **asked)
    assert [(day.day, day.totals.messages) for day in in_prague] == [
        (date(2027, 1, 15), 3),
        (date(2027, 1, 16), 2),  # 23:00 UTC is midnight there
        (date(2027, 1, 17), 1),
    ]
    first = in_prague[0].totals
    assert (first.mean_rssi, first.mean_snr, first.bytes) == (-101.0, None, 6)
    in_kolkata = await statistics.days(OfDevice(DEVICE), KOLKATA, **asked)
    assert [day.totals.messages for day in in_kolkata] == [3, 2, 1]


async def test_a_day_on_which_clocks_change_is_one_day(opened_store: OpenedStore, store: Store) -> None:
    change = round(datetime(2027, 3, 28, 1, tzinfo=UTC).timestamp())  # to summer time in Prague
    await provision(store)
    for number, hours in enumerate((-3, -1, 0, 20, 21)):
        await send(store, change + hours * HOUR - NOW, seq_number=number)
    await tally_all(opened_store.driver)
    for scope in (OfDevice(DEVICE), OfType(0), OfAll()):
        days = await Statistics(opened_store.driver).days(
            scope, PRAGUE, since=change - 3 * DAY, until=change + 9 * DAY
        )
        assert [(day.day.day, day.totals.messages) for day in days] == [(27, 1), (28, 3), (29, 1)]


async def test_a_range_leaves_out_what_lies_outside(statistics: Statistics) -> None:
    hours = await statistics.hours(OfDevice(DEVICE), since=NOW + HOUR, until=NOW + DAY)
    assert [hour.starts_at - NOW for hour in hours] == [HOUR, 15 * HOUR]


async def test_states_are_known_of_who_sent(statistics: Statistics) -> None:
    state = await statistics.state(DEVICE)
    assert state is not None
    assert (state.first_at_ms, state.last_at_ms) == (NOW_MS, NOW_MS + 2 * DAY * 1000)
    assert state.sequence.last == 5
    assert await statistics.state(7) is None
    assert set(await statistics.states([DEVICE, OTHER, 7])) == {DEVICE, OTHER}


async def given_events(opened_store: OpenedStore, store: Store, driver: Driver) -> None:
    for turn in range(3):
        await accept(
            store, service(Kind.ERROR, turn, info=f"number {turn}"), received_at_ms=NOW_MS + turn * 1000
        )
    await accept(store, service(Kind.ERROR, 9, info="another"), received_at_ms=NOW_MS)
    await tally_all(driver)


async def test_events_come_newest_first_and_page_by_page(
    opened_store: OpenedStore, store: Store, statistics: Statistics
) -> None:
    await given_events(opened_store, store, opened_store.driver)
    page = await statistics.events(DEVICE, limit=3)
    rest = await statistics.events(DEVICE, before=page[-1].id, limit=3)
    assert [one.facts["info"] for one in page + rest] == ["another", "number 2", "number 1", "number 0"]
    assert await statistics.latest_events(limit=3) == page
    assert await statistics.events(OTHER) == []


async def test_what_is_old_goes_a_batch_at_a_time(
    opened_store: OpenedStore, store: Store, statistics: Statistics
) -> None:
    await given_events(opened_store, store, opened_store.driver)
    limits = Limits(events_before_ms=NOW_MS + 2000, statistics_before=NOW + DAY)
    # two events, three hours of the device and one of the other, as many of their types
    assert await opened_store.driver.transact(forget_statistics(limits)) == 2 + 4 + 4
    assert await opened_store.driver.transact(forget_statistics(limits)) == 0
    left = await statistics.hours(OfAll(), since=0, until=NOW + 9 * DAY)
    assert [hour.starts_at - NOW for hour in left] == [DAY, 2 * DAY]
    assert len(await statistics.latest_events()) == 2


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("fresh_uplinks", "uplinks_fresh"),
        ("oldest_fresh", "uplinks_fresh"),
        ("states_with_gaps", "device_states_gaps"),
        ("devices_to_alert", "device_events_to_mail"),
        ("events_to_mail", "device_events_to_mail"),
        ("events_to_notice", "device_events_to_notice"),
        ("events_of_device", "device_events_of_device"),
        ("forget_events", "device_events_by_age"),
        ("forget_device_hours", "device_hours_by_age"),
        ("forget_type_hours", "type_hours_by_age"),
        ("hours_of_all_types", "type_hours_by_age"),
    ],
)
async def test_nothing_that_is_asked_often_reads_a_whole_table(
    opened_store: OpenedStore, name: str, index: str
) -> None:
    if not isinstance(opened_store.database, SqliteDatabase):
        pytest.skip("PostgreSQL decides by what the tables hold")
    sql = re.sub(r":\w+", "1", load_statements("sqlite")[name].sql)
    plan = await opened_store.database.rows(f"EXPLAIN QUERY PLAN {sql}")
    assert any(index in step["detail"] for step in plan), plan
