"""Callbacks are counted once, whoever counts; and what they tell of their device is known."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from relay.domain.device import NO_DEVICE
from relay.domain.sequence import SETTLED_AFTER_MS
from relay.domain.uplink import Kind, Uplink
from relay.errors import StoreUnavailable
from relay.store import silence, tallying
from relay.store.driver import Driver
from relay.store.store import Store
from tests.store.conftest import OpenedStore
from tests.store.databases import SqliteDatabase
from tests.store.drivers import Breaking
from tests.store.given import DEVICE, NOW, NOW_MS, accept, accept_at_once, provision, uplink

HOUR = 3600
HOUR_MS = HOUR * 1000
DAY_MS = 24 * HOUR_MS


async def tally_all(driver: Driver, now_ms: int = NOW_MS) -> int:
    """Until nothing is left; the answer is how many there were."""
    counted = 0
    while batch := await driver.transact(tallying.tally(now_ms)):
        counted += batch
    return counted


async def events(opened_store: OpenedStore) -> list[tuple[str, dict[str, Any]]]:
    rows = await opened_store.rows("device_events")
    return [(row["kind"], json.loads(row["facts"])) for row in rows]


async def state(opened_store: OpenedStore) -> dict[str, Any]:
    (row,) = await opened_store.rows("device_states", "device")
    return row


async def send(store: Store, seconds: int = 0, **changes: object) -> None:
    """A message so long after the first one, received at once."""
    time = NOW + seconds
    await accept(store, uplink(time=time, **changes), received_at_ms=time * 1000)


def service(kind: Kind, seconds: int = 0, **more: object) -> Uplink:
    """A callback that is no message."""
    return uplink(kind=kind, time=NOW + seconds, data="", seq_number=None, rssi=None, snr=None, more=more)


async def test_messages_are_summed_up_by_the_hour_and_only_once(
    opened_store: OpenedStore, store: Store
) -> None:
    await send(store, 0, seq_number=1, data="00ff", rssi=-120.0, snr=10.0)
    await send(store, 60, seq_number=2, data="01", rssi=-130.0, snr=None)
    await send(store, HOUR, seq_number=5, data="", rssi=None, snr=20.0)
    await accept(store, service(Kind.STATUS, 30, temp=20.5, batt=3.0))
    assert await tally_all(opened_store.driver) == 4
    assert await tally_all(opened_store.driver) == 0
    rows = await opened_store.rows("device_hours", "starts_at")
    assert [(row["starts_at"] - NOW, row["messages"], row["bytes"], row["missed"]) for row in rows] == [
        (0, 2, 3, 0),
        (HOUR, 1, 0, 2),
    ]
    first = rows[0]
    assert (first["rssi_sum"], first["rssi_count"]) == (-250.0, 2)
    assert (first["snr_sum"], first["snr_count"]) == (10.0, 1)
    assert (first["temperature_sum"], first["voltage_sum"], first["voltage_count"]) == (20.5, 3.0, 1)
    by_type = await opened_store.rows("type_hours", "starts_at")
    assert [(row["type_id"], row["messages"]) for row in by_type] == [(-1, 2), (-1, 1)]


@pytest.mark.parametrize("kinds", [[Kind.DATA, Kind.DATA_ADVANCED], [Kind.DATA_ADVANCED]])
async def test_a_message_counts_once_whichever_callbacks_tell_of_it(
    opened_store: OpenedStore, store: Store, kinds: list[Kind]
) -> None:
    await provision(store)
    for kind in kinds:
        await accept(store, uplink(kind=kind, rssi=-120.0, snr=9.0))
    await store.driver.transact(tallying.tally(NOW_MS))
    (hour,) = await opened_store.rows("device_hours", "starts_at")
    assert (hour["messages"], hour["rssi_count"], hour["rssi_sum"], hour["snr_count"]) == (1, 1, -120.0, 1)


async def test_what_could_not_be_committed_is_counted_the_next_time(
    opened_store: OpenedStore, store: Store
) -> None:
    await accept_at_once(store, [uplink(seq_number=number) for number in range(20)])
    with pytest.raises(StoreUnavailable):
        await tally_all(Breaking(opened_store.driver))
    assert await opened_store.rows("device_hours", "starts_at") == []
    assert await tally_all(opened_store.driver) == 20
    (hour,) = await opened_store.rows("device_hours", "starts_at")
    assert hour["messages"] == 20


@pytest.fixture
async def other(opened_store: OpenedStore) -> AsyncIterator[Driver]:
    """Another node's, on PostgreSQL with connections of its own."""
    async with AsyncExitStack() as stack:
        if isinstance(opened_store.database, SqliteDatabase):
            yield opened_store.driver
        else:
            yield await stack.enter_async_context(opened_store.database.opened())


async def test_several_nodes_count_exactly_while_callbacks_come(
    opened_store: OpenedStore, store: Store, other: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallying, "BATCH", 7)
    uplinks = [
        uplink(device=1 + number % 3, seq_number=number // 3 * 2, time=NOW + number) for number in range(120)
    ]

    async def keep_counting(driver: Driver) -> None:
        for _ in range(12):
            await driver.transact(tallying.tally(NOW_MS))

    await asyncio.gather(
        accept_at_once(store, uplinks),
        accept_at_once(store, uplinks),  # each callback comes twice
        *(keep_counting(driver) for driver in (opened_store.driver, other, other)),
    )
    await tally_all(other)
    rows = await opened_store.rows("device_hours", "device")
    assert [(row["device"], row["messages"], row["missed"]) for row in rows] == [
        (1, 40, 39),
        (2, 40, 39),
        (3, 40, 39),
    ]
    (of_type,) = await opened_store.rows("type_hours", "starts_at")
    assert of_type["messages"] == 120


async def test_a_gap_becomes_an_event_when_nothing_can_fill_it_any_more(
    opened_store: OpenedStore, store: Store
) -> None:
    await send(store, 0, seq_number=4095)
    await send(store, 60, seq_number=3)
    await tally_all(opened_store.driver)
    await send(store, 30, seq_number=1)
    await tally_all(opened_store.driver)
    over_ms = NOW_MS + 60_000 + SETTLED_AFTER_MS
    for now_ms in (over_ms - 1, over_ms, over_ms + 1000):
        await opened_store.driver.transact(tallying.settle_gaps(now_ms))
    assert await events(opened_store) == [("sequence_break", {"missed": 2, "first": 0})]
    assert (await state(opened_store))["gaps"] == ""


async def test_numbers_that_begin_anew_are_one_event_and_no_loss(
    opened_store: OpenedStore, store: Store
) -> None:
    for seconds, number in enumerate((100, 101, 0, 1)):
        await send(store, 60 * seconds, seq_number=number)
    await tally_all(opened_store.driver)
    assert await events(opened_store) == [("out_of_sequence", {"expected": 102, "seq_number": 0})]
    (hour,) = await opened_store.rows("device_hours", "starts_at")
    assert hour["missed"] == 0


async def test_a_device_with_a_modulo_of_its_own_wraps_there(opened_store: OpenedStore, store: Store) -> None:
    await provision(store)
    await opened_store.database.execute("UPDATE devices SET sequence_modulo = 128")
    for seconds, number in enumerate((126, 127, 0, 1)):
        await send(store, 60 * seconds, seq_number=number)
    await tally_all(opened_store.driver)
    assert await events(opened_store) == []


async def find_silent(opened_store: OpenedStore, now_ms: int, since_ms: int = 0) -> int:
    _, silent = await opened_store.driver.transact(silence.find_silent(since_ms, now_ms, -1))
    return silent


async def test_a_device_falls_silent_once_and_comes_back(opened_store: OpenedStore, store: Store) -> None:
    await provision(store)
    await opened_store.database.execute("UPDATE devices SET keep_alive_seconds = 3600")
    await send(store)
    await tally_all(opened_store.driver)
    found = [await find_silent(opened_store, NOW_MS + ms) for ms in (HOUR_MS, HOUR_MS + 1, 2 * HOUR_MS)]
    assert found == [0, 1, 0]
    assert (await state(opened_store))["silent_since_ms"] == NOW_MS
    await send(store, 3 * HOUR, seq_number=8)
    await tally_all(opened_store.driver)
    assert (await state(opened_store))["silent_since_ms"] is None
    assert await events(opened_store) == [
        ("silent", {"last_at_ms": NOW_MS, "after_seconds": 3600}),
        ("back", {"silent_seconds": 3 * HOUR}),
    ]


async def test_the_keep_alive_of_the_type_holds_unless_the_device_says_otherwise(
    opened_store: OpenedStore, store: Store
) -> None:
    await provision(store)
    await opened_store.database.execute(
        "INSERT INTO device_types (id, name, keep_alive_seconds, created_at_ms) VALUES (5, 'meters', 1800, 0)"
    )
    await opened_store.database.execute("UPDATE devices SET type_id = 5, keep_alive_seconds = 0")
    await send(store)
    await tally_all(opened_store.driver)
    assert await find_silent(opened_store, NOW_MS + DAY_MS) == 0
    await opened_store.database.execute("UPDATE devices SET keep_alive_seconds = NULL")
    assert await find_silent(opened_store, NOW_MS + DAY_MS) == 1


async def test_a_device_learns_its_own_rhythm(opened_store: OpenedStore, store: Store) -> None:
    await provision(store)
    await opened_store.database.execute("UPDATE devices SET keep_alive_seconds = -1")
    for turn in range(8):
        await send(store, turn * 2 * HOUR, seq_number=turn)
    await tally_all(opened_store.driver)
    last_ms = NOW_MS + 14 * HOUR_MS
    assert [await find_silent(opened_store, last_ms + hours * HOUR_MS) for hours in (5, 7)] == [0, 1]


async def test_nobody_is_silent_by_what_the_relay_could_not_hear_or_did_not_count_yet(
    opened_store: OpenedStore, store: Store
) -> None:
    await provision(store)
    await opened_store.database.execute("UPDATE devices SET keep_alive_seconds = 3600")
    await send(store)
    await tally_all(opened_store.driver)
    day_ms = NOW_MS + DAY_MS
    assert await find_silent(opened_store, day_ms, since_ms=day_ms - HOUR_MS) == 0
    await send(store, 600, seq_number=8)
    assert await find_silent(opened_store, day_ms) == 0
    await tally_all(opened_store.driver)
    assert await find_silent(opened_store, day_ms) == 1


async def test_a_restart_is_no_reason_to_begin_anew_but_a_long_pause_of_the_relay_is(
    opened_store: OpenedStore,
) -> None:
    async def listens(minutes: int) -> int:
        since_ms = await opened_store.driver.transact(silence.keep_listening(NOW_MS + minutes * 60_000))
        return (since_ms - NOW_MS) // 60_000

    assert [await listens(minutes) for minutes in (0, 1, 11, 21, 22)] == [0, 0, 0, 0, 0]
    assert [await listens(minutes) for minutes in (33, 34)] == [33, 33]


async def test_a_low_battery_is_told_once_until_it_was_good_again(
    opened_store: OpenedStore, store: Store
) -> None:
    for turn, volts in enumerate((3.2, 2.6, 2.5, 2.6, 2.4, 3.1, 2.5)):
        await accept(store, service(Kind.STATUS, 60 * turn, batt=volts, temp=20))
    await tally_all(opened_store.driver)
    assert await events(opened_store) == [("battery_low", {"volts": 2.5, "best_volts": 3.2})] * 2
    kept = await state(opened_store)
    assert (kept["battery"], kept["battery_low"], kept["temperature"]) == (2.5, 1, 20)


@pytest.mark.parametrize(
    ("limit", "told"), [("2.45V", [2.4]), ("90%", [2.6]), ("from a newer version", [2.5])]
)
async def test_from_when_on_a_battery_is_low_can_be_set(
    opened_store: OpenedStore, store: Store, limit: str, told: list[float]
) -> None:
    await provision(store)
    await opened_store.database.execute(f"UPDATE devices SET low_battery = '{limit}'")
    for turn, volts in enumerate((3.2, 2.6, 2.5, 2.4)):
        await accept(store, service(Kind.STATUS, 60 * turn, batt=volts))
    await tally_all(opened_store.driver)
    assert [facts["volts"] for _, facts in await events(opened_store)] == told


async def test_events_and_errors_of_the_network_are_events(opened_store: OpenedStore, store: Store) -> None:
    told = {"info": "No message received since 2026-11-20 10:00:00", "severity": "ERROR"}
    await accept(store, service(Kind.ERROR, **told))
    off = {"eventType": "off contract", "severity": "WARN"}
    await accept(
        store, uplink(kind=Kind.EVENT, device=NO_DEVICE, device_text="", time=NOW, data="", more=off)
    )
    await tally_all(opened_store.driver)
    rows = await opened_store.rows("device_events", "device")
    assert [(row["device"], row["kind"], row["severity"]) for row in rows] == [
        (NO_DEVICE, "network_event", "warning"),
        (DEVICE, "network_error", "error"),
    ]
    assert json.loads(rows[1]["facts"]) == told


async def test_history_is_counted_but_makes_no_events(opened_store: OpenedStore, store: Store) -> None:
    for turn, number in enumerate((1, 5, 2000, 7)):
        await send(store, 60 * turn, seq_number=number)
    later_ms = NOW_MS + 2 * DAY_MS
    await tally_all(opened_store.driver, later_ms)
    await opened_store.driver.transact(tallying.settle_gaps(later_ms))
    assert await events(opened_store) == []
    (hour,) = await opened_store.rows("device_hours", "starts_at")
    assert (hour["messages"], hour["missed"]) == (4, 3 + 1994)


async def test_the_last_known_place_is_kept(opened_store: OpenedStore, store: Store) -> None:
    await provision(store)
    await opened_store.database.execute(
        "UPDATE devices SET display = 'geolocation', grammar = 'lat::float:32 lng::float:32'"
    )

    async def place() -> tuple[Any, ...]:
        await tally_all(opened_store.driver)
        kept = await state(opened_store)
        return kept["latitude"], kept["longitude"], kept["place_source"], kept["radius"]

    await send(store, 0, data="4248000041660000", seq_number=1)
    assert await place() == (50.0, 14.375, "payload", None)
    await accept(store, service(Kind.GEOLOC, 60, lat=49.5, lng=15.0, radius=2000))
    assert await place() == (49.5, 15.0, "geoloc", 2000)
    computed = {"lat": 48.0, "lng": 16.0, "radius": 500, "source": 2}
    await accept(store, service(Kind.DATA_ADVANCED, 30, computedLocation=computed))
    assert (await place())[2] == "geoloc"  # that one is older
    await accept(store, service(Kind.DATA_ADVANCED, 90, computedLocation=computed))
    assert await place() == (48.0, 16.0, "computed", 500)
    await send(store, 120, data="0000000000000000", seq_number=2)  # no fix
    assert (await place())[2] == "computed"
