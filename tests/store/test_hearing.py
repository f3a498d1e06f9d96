"""DATA_ADVANCED: merged into its message, or the message itself; never sent twice."""

from collections.abc import Mapping
from typing import Any

import pytest

from relay.domain.radio import ComputedLocation, Radio, Reception
from relay.domain.uplink import Kind, Uplink
from relay.store.records import Accepted
from tests.store.conftest import OpenedStore
from tests.store.engine import Engine
from tests.store.given import NOW, NOW_MS, accept, accept_at_once, bound_device, provision, uplink

FACTS: Mapping[str, object] = {
    "deviceTypeId": "5256c4d6c9a871b80f5a2e50",
    "lqi": "GOOD",
    "linkQuality": 2,
    "duplicates": [{"bsId": "27B9", "rssi": -118.0, "nbRep": 2}],
    "computedLocation": {"lat": 44.2, "lng": 12.4, "radius": 900.0, "source": 2, "status": 1},
}
RADIO = Radio(
    lqi="GOOD",
    link_quality=2,
    duplicates=(Reception(bs_id="27B9", rssi=-118.0, nb_rep=2),),
    computed_location=ComputedLocation(lat=44.2, lng=12.4, radius=900.0, source=2, status=1),
)


def advanced(**changes: object) -> Uplink:
    """What DATA_ADVANCED tells of the usual uplink."""
    without_level: dict[str, object] = {"rssi": None, "snr": None}
    return uplink(**{"kind": Kind.DATA_ADVANCED, "more": FACTS, **without_level, **changes})


async def messages(opened: OpenedStore) -> list[dict[str, Any]]:
    return [row for row in await opened.rows("uplinks") if row["kind"] == "data"]


async def radio_of_the_message(opened: OpenedStore) -> Radio:
    (row,) = await messages(opened)
    return Radio.from_json(row["radio"])


async def test_it_is_merged_into_its_message_and_sends_nothing(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    first = await accept(opened_store.store)
    merged = await accept(opened_store.store, advanced())
    assert (merged.repeated, merged.uplink_id, merged.deliveries) == (True, first.uplink_id, ())
    assert await radio_of_the_message(opened_store) == RADIO
    (row,) = await messages(opened_store)
    assert (row["rssi"], row["repeats"], row["more"]) == (
        -120.0,
        0,
        '{"deviceTypeId": "5256c4d6c9a871b80f5a2e50"}',
    )
    assert len(await opened_store.rows("deliveries")) == 1
    assert [row["kind"] for row in await opened_store.rows("callbacks")] == ["data", "data-advanced"]


async def test_alone_it_is_the_message_and_a_data_callback_that_comes_later_is_a_repeat(
    opened_store: OpenedStore,
) -> None:
    await bound_device(opened_store.store)
    alone = await accept(opened_store.store, advanced())
    (delivery,) = alone.deliveries
    assert not alone.repeated
    assert (delivery.data, delivery.time, delivery.rssi, delivery.snr) == ("00ff", NOW, -118.0, None)
    late = await accept(opened_store.store)
    assert (late.repeated, late.uplink_id, late.deliveries) == (True, alone.uplink_id, ())
    assert await radio_of_the_message(opened_store) == RADIO
    (row,) = await messages(opened_store)
    assert (row["rssi"], row["snr"], row["repeats"], row["unclaimed"]) == (-118.0, 9.5, 1, 0)


async def test_the_level_that_it_has_itself_is_the_messages(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    (delivery,) = (await accept(opened_store.store, advanced(rssi=-99.5))).deliveries
    assert delivery.rssi == -99.5


async def test_for_an_unclaimed_device_it_waits_as_the_message(opened_store: OpenedStore) -> None:
    await provision(opened_store.store)
    await accept(opened_store.store, advanced())
    assert [row["unclaimed"] for row in await messages(opened_store)] == [1]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
async def test_copies_of_both_in_any_order_make_one_message(
    opened_store: OpenedStore, order: tuple[int, ...]
) -> None:
    await bound_device(opened_store.store)
    async with opened_store.another("node-2") as second:
        copies = [uplink(), uplink(), advanced(), advanced(more={**FACTS, "operatorName": "SIGFOX_X"})]
        answers = [
            one
            for store in (opened_store.store, second)
            for one in await accept_at_once(store, [copies[at] for at in order])
        ]
    taken = [one for one in answers if isinstance(one, Accepted)]
    assert (len(taken), len({one.uplink_id for one in taken})) == (8, 1)
    assert [one.repeated for one in taken].count(False) == 1
    assert sum(len(one.deliveries) for one in taken) == 1
    assert (await radio_of_the_message(opened_store)).operator_name == "SIGFOX_X"
    assert len(await opened_store.rows("deliveries")) == 1


async def test_two_callbacks_may_each_tell_a_part(opened_store: OpenedStore) -> None:
    await accept(opened_store.store)
    await accept(opened_store.store, advanced(more={"lqi": "GOOD"}))
    await accept(opened_store.store, advanced(more={"lqi": "LIMIT", "countryCode": 203}))
    assert await radio_of_the_message(opened_store) == Radio(lqi="GOOD", country_code=203)


@pytest.mark.parametrize(
    ("of_data", "of_advanced"),
    [
        ({}, {"time": NOW + 27, "time_given": False}),
        ({}, {"time": NOW + 27, "time_given": False, "seq_number": None}),
        ({"time": NOW - 86_400}, {"time": NOW + 27, "time_given": False, "seq_number": None}),
        ({}, {"seq_number": None}),
        ({}, {"seq_number": None, "data": ""}),
        ({"seq_number": None}, {}),
        ({"time": NOW + 3, "time_given": False}, {}),
        ({"time": NOW + 3, "time_given": False}, {"time": NOW + 28, "time_given": False}),
    ],
)
async def test_a_template_without_time_sequence_number_or_data_finds_its_message(
    opened_store: OpenedStore, of_data: dict[str, object], of_advanced: dict[str, object]
) -> None:
    await bound_device(opened_store.store)
    await accept(opened_store.store, uplink(data="0b", time=NOW - 7))
    await accept(opened_store.store, uplink(**of_data))
    merged = await accept(opened_store.store, advanced(**of_advanced))
    assert merged.repeated
    assert [bool(row["radio"]) for row in await messages(opened_store)] == [False, True]


@pytest.mark.parametrize("other", [{"time": NOW + 1}, {"seq_number": 8}, {"data": "00fe"}, {"device": 1}])
async def test_what_is_told_of_another_message_is_not_merged(
    opened_store: OpenedStore, other: dict[str, object]
) -> None:
    await bound_device(opened_store.store)
    await accept(opened_store.store)
    assert not (await accept(opened_store.store, advanced(**other))).repeated
    assert [bool(row["radio"]) for row in await messages(opened_store)] == [False, True]


# --- messages that wait for it


async def awaiting(opened: OpenedStore) -> Engine:
    engine = await Engine.made(opened)
    await opened.database.execute("UPDATE endpoints SET awaits_radio = 1")
    return engine


async def test_a_message_waits_for_its_radio_details(opened_store: OpenedStore) -> None:
    engine = await awaiting(opened_store)
    assert (await accept(engine.store)).deliveries == ()
    engine.now_ms = NOW_MS + 25_000
    assert await engine.claim() == []
    await accept(engine.store, advanced(), received_at_ms=engine.now_ms)
    assert len(await engine.claim()) == 1


async def test_it_goes_after_a_minute_without_them(opened_store: OpenedStore) -> None:
    engine = await awaiting(opened_store)
    await accept(engine.store)
    engine.now_ms = NOW_MS + 59_999
    assert await engine.claim() == []
    engine.now_ms = NOW_MS + 60_000
    assert len(await engine.claim()) == 1


async def test_a_message_that_came_with_them_does_not_wait(opened_store: OpenedStore) -> None:
    engine = await awaiting(opened_store)
    assert len((await accept(engine.store, advanced())).deliveries) == 1


async def test_a_later_try_does_not_come_sooner_by_them(opened_store: OpenedStore) -> None:
    engine = await Engine.made(opened_store)
    await accept(engine.store, received_at_ms=NOW_MS)
    await opened_store.database.execute(
        f"UPDATE deliveries SET leased_by = NULL, due_at_ms = {NOW_MS + 300_000}"
    )
    await accept(engine.store, advanced(), received_at_ms=NOW_MS + 25_000)
    assert [row["due_at_ms"] for row in await opened_store.rows("deliveries")] == [NOW_MS + 300_000]


@pytest.mark.parametrize("details", [True, False])
async def test_one_that_waits_for_its_turn_waits_for_them_as_well(
    opened_store: OpenedStore, details: bool
) -> None:
    engine = await awaiting(opened_store)
    await opened_store.database.execute("UPDATE endpoints SET ordered = 1")
    await accept(engine.store)
    later = uplink(time=NOW + 1, seq_number=8)
    await accept(engine.store, later, received_at_ms=NOW_MS + 1000)
    engine.now_ms = NOW_MS + 25_000
    await accept(engine.store, advanced(), received_at_ms=engine.now_ms)
    await engine.settle(await engine.claim())
    assert await engine.claim() == []
    if details:
        engine.now_ms += 1000
        told = advanced(time=NOW + 1, seq_number=8)
        await accept(engine.store, told, received_at_ms=engine.now_ms)
    else:
        engine.now_ms = NOW_MS + 61_000
    assert len(await engine.claim()) == 1


async def test_one_whose_details_came_goes_when_it_is_its_turn(opened_store: OpenedStore) -> None:
    engine = await awaiting(opened_store)
    await opened_store.database.execute("UPDATE endpoints SET ordered = 1")
    await accept(engine.store)
    await accept(engine.store, uplink(time=NOW + 1, seq_number=8), received_at_ms=NOW_MS + 1000)
    await accept(engine.store, advanced(time=NOW + 1, seq_number=8), received_at_ms=NOW_MS + 2000)
    engine.now_ms = NOW_MS + 3000
    assert await engine.claim() == []
    await accept(engine.store, advanced(), received_at_ms=engine.now_ms)
    await engine.settle(await engine.claim())
    assert len(await engine.claim()) == 1


# --- other kinds


async def test_a_callback_of_another_kind_goes_to_endpoints_that_asked_for_it(
    opened_store: OpenedStore,
) -> None:
    await bound_device(opened_store.store)
    status = uplink(kind=Kind.STATUS, data="", more={"batt": 3.2})
    assert (await accept(opened_store.store, status)).deliveries == ()
    await opened_store.database.execute("UPDATE endpoints SET kinds = 'status,event'")
    (delivery,) = (
        await accept(opened_store.store, uplink(kind=Kind.STATUS, data="", seq_number=8))
    ).deliveries
    assert delivery.data == ""
    assert (await accept(opened_store.store)).deliveries == ()
    assert [row["unclaimed"] for row in await opened_store.rows("uplinks")] == [0, 0, 0]
