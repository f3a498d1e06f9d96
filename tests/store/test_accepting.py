"""What becomes of a callback: kept once, promised once."""

import pytest
from msgspec.structs import replace

from relay.domain.uplink import Kind, Uplink
from relay.store.records import Accepted, RawCallback
from relay.store.store import Store, open_store
from tests.store.conftest import OpenedStore
from tests.store.databases import Database
from tests.store.given import (
    DEVICE,
    LEASE_UNTIL_MS,
    NOW,
    NOW_MS,
    URL,
    VAULT,
    accept,
    accept_at_once,
    bind,
    bound_device,
    device,
    provision,
    uplink,
)

TIMELESS = uplink(time_given=False)


async def test_a_new_callback_is_kept_and_its_delivery_is_leased_to_this_node(
    opened_store: OpenedStore,
) -> None:
    binding = await bound_device(opened_store.store)
    accepted = await accept(opened_store.store)
    assert not accepted.repeated
    (delivery,) = accepted.deliveries
    assert (delivery.attempt, delivery.tries, delivery.lease_until_ms) == (1, 1, LEASE_UNTIL_MS)
    assert (delivery.device_label, delivery.time, delivery.data) == ("1A2B3C", NOW, "00ff")
    assert (delivery.rssi, delivery.snr, delivery.endpoint.id) == (-120.0, 9.5, binding.endpoint.id)
    (row,) = await opened_store.rows("deliveries")
    assert (row["id"], row["webhook_id"]) == (delivery.id, delivery.webhook_id)
    assert (row["state"], row["attempts"], row["leased_by"]) == ("waiting", 1, "node-1")
    assert row["due_at_ms"] == LEASE_UNTIL_MS


async def test_a_repeat_is_known_by_kind_device_time_sequence_number_and_data(
    opened_store: OpenedStore,
) -> None:
    await bound_device(opened_store.store)
    first = await accept(opened_store.store)
    again = await accept(opened_store.store, uplink(rssi=-90.0, device_text="1A2B3C"))
    assert again.repeated
    assert again.uplink_id == first.uplink_id
    assert again.deliveries == ()
    (row,) = await opened_store.rows("uplinks")
    assert row["repeats"] == 1
    assert len(await opened_store.rows("deliveries")) == 1
    assert len(await opened_store.rows("callbacks")) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"time": NOW + 1},
        {"data": "00fe"},
        {"data": ""},
        {"seq_number": 8},
        {"seq_number": None},
        {"device": DEVICE + 1, "device_text": "1a2b3d"},
        {"kind": Kind.STATUS},
    ],
)
async def test_a_callback_that_differs_in_one_of_these_is_new(
    store: Store, change: dict[str, object]
) -> None:
    await bound_device(store)
    await accept(store)
    assert not (await accept(store, uplink(**change))).repeated


async def test_50_copies_at_once_make_one_row_and_one_delivery(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    answers = [
        one for one in await accept_at_once(opened_store.store, [uplink()] * 50) if isinstance(one, Accepted)
    ]
    assert len(answers) == 50
    assert [one.repeated for one in answers].count(False) == 1
    assert len({one.uplink_id for one in answers}) == 1
    assert sum(len(one.deliveries) for one in answers) == 1
    assert [row["repeats"] for row in await opened_store.rows("uplinks")] == [49]
    assert len(await opened_store.rows("deliveries")) == 1


async def test_a_repeat_is_known_after_the_database_was_closed(database: Database) -> None:
    answers = []
    for node in ("node-1", "node-2"):
        async with database.opened() as driver, open_store(driver, VAULT, node) as store:
            answers.append(await accept(store))
    assert [one.repeated for one in answers] == [False, True]
    assert answers[0].uplink_id == answers[1].uplink_id


async def test_without_a_sequence_number_the_rest_tells(store: Store) -> None:
    first = await accept(store, uplink(seq_number=None))
    again = await accept(store, uplink(seq_number=None))
    assert (again.repeated, again.uplink_id) == (True, first.uplink_id)


@pytest.mark.parametrize("later_seconds", [0, 60, 420, 600, -60])
async def test_without_a_time_the_sequence_number_tells_for_10_minutes(
    opened_store: OpenedStore, later_seconds: int
) -> None:
    await bound_device(opened_store.store)
    first = await accept(opened_store.store, TIMELESS)
    again = await accept(opened_store.store, uplink(time_given=False, time=NOW + later_seconds))
    assert (again.repeated, again.uplink_id) == (True, first.uplink_id)
    assert len(await opened_store.rows("deliveries")) == 1


@pytest.mark.parametrize("later_seconds", [601, 86_400, -601, -86_400])
async def test_without_a_time_the_same_sequence_number_is_new_after_10_minutes(
    store: Store, later_seconds: int
) -> None:
    await accept(store, TIMELESS)
    assert not (await accept(store, uplink(time_given=False, time=NOW + later_seconds))).repeated


@pytest.mark.parametrize("change", [{"seq_number": 8}, {"data": "01"}, {"kind": Kind.STATUS}])
async def test_without_a_time_another_number_or_data_is_new(store: Store, change: dict[str, object]) -> None:
    await accept(store, TIMELESS)
    assert not (await accept(store, uplink(time_given=False, time=NOW + 1, **change))).repeated


async def test_without_a_time_kinds_that_come_at_once_do_not_lend_each_other_theirs(
    opened_store: OpenedStore,
) -> None:
    kinds = [Kind.DATA, Kind.STATUS]
    await accept_at_once(
        opened_store.store,
        [uplink(time_given=False, kind=kind, time=NOW + n) for n, kind in enumerate(kinds)],
    )
    kept = {row["kind"]: row["time"] for row in await opened_store.rows("uplinks")}
    assert kept == {"data": NOW, "status": NOW + 1}


async def test_copies_without_a_time_that_come_at_once_are_one(opened_store: OpenedStore) -> None:
    await accept_at_once(
        opened_store.store, [uplink(time_given=False, time=NOW + late) for late in range(10)]
    )
    assert [row["repeats"] for row in await opened_store.rows("uplinks")] == [9]


async def test_a_callback_with_a_time_is_no_repeat_of_one_without(store: Store) -> None:
    await accept(store, TIMELESS)
    assert not (await accept(store, uplink(time=NOW + 30))).repeated


async def test_without_time_and_sequence_number_nothing_but_the_second_of_receipt_tells(store: Store) -> None:
    await accept(store, uplink(time_given=False, seq_number=None))
    later = await accept(store, uplink(time_given=False, seq_number=None, time=NOW + 1))
    assert not later.repeated


async def test_a_notice_without_a_number_is_a_repeat_when_it_says_the_same(store: Store) -> None:
    """Else the repeat of an ACKNOWLEDGE callback would be taken for the fate of another downlink."""
    pending = uplink(kind=Kind.ACKNOWLEDGE, data="", seq_number=None, time_given=False, more={"infoCode": 5})
    acked = replace(pending, more={"infoCode": 0})
    later = replace(pending, time=NOW + 60)
    accepted = [await accept(store, one) for one in (pending, later, acked, acked)]
    assert [one.repeated for one in accepted] == [False, True, False, True]


async def test_an_unknown_device_is_kept_unclaimed_and_delivered_once_an_endpoint_is_bound(
    opened_store: OpenedStore,
) -> None:
    store = opened_store.store
    accepted = await accept(store)
    assert accepted.deliveries == ()
    assert [row["unclaimed"] for row in await opened_store.rows("uplinks")] == [1]
    await provision(store)
    binding = await bind(store, now_ms=NOW_MS + 5)
    assert binding.waiting == 1
    assert [row["unclaimed"] for row in await opened_store.rows("uplinks")] == [0]
    (delivery,) = await store.claim_due(now_ms=NOW_MS + 5, lease_until_ms=LEASE_UNTIL_MS, limit=10)
    assert (delivery.data, delivery.attempt, delivery.received_at_ms) == ("00ff", 1, NOW_MS)


async def test_a_device_without_an_endpoint_is_kept_unclaimed_and_delivered_once_it_is_imported_with_one(
    opened_store: OpenedStore,
) -> None:
    await provision(opened_store.store)
    await accept(opened_store.store)
    await provision(opened_store.store, device(webhook_url=URL, webhook_host="hooks.example.com"))
    assert [row["state"] for row in await opened_store.rows("deliveries")] == ["waiting"]


async def test_what_came_more_than_a_week_ago_is_not_delivered_to_a_new_endpoint(store: Store) -> None:
    await accept(store)
    await provision(store)
    assert (await bind(store, now_ms=NOW_MS + 7 * 24 * 3600 * 1000 + 1)).waiting == 0


@pytest.mark.parametrize("kind", sorted(set(Kind) - {Kind.DATA, Kind.DATA_ADVANCED}))
async def test_other_kinds_are_kept_and_never_delivered(opened_store: OpenedStore, kind: Kind) -> None:
    await accept(opened_store.store, uplink(kind=kind, seq_number=1))
    await bound_device(opened_store.store)
    accepted = await accept(opened_store.store, uplink(kind=kind))
    assert accepted.deliveries == ()
    assert [row["kind"] for row in await opened_store.rows("uplinks")] == [kind, kind]
    assert await opened_store.rows("deliveries") == []


async def test_without_room_the_delivery_is_due_at_once_and_nobody_holds_it(
    opened_store: OpenedStore,
) -> None:
    await bound_device(opened_store.store)
    accepted = await accept(opened_store.store, lease_until_ms=None)
    assert accepted.deliveries == ()
    (row,) = await opened_store.rows("deliveries")
    assert (row["state"], row["attempts"], row["tries"], row["leased_by"]) == ("waiting", 0, 0, None)
    assert row["due_at_ms"] == NOW_MS


async def test_a_paused_endpoint_holds_what_comes(opened_store: OpenedStore) -> None:
    await bound_device(opened_store.store)
    await opened_store.database.execute("UPDATE endpoints SET state = 'paused'")
    accepted = await accept(opened_store.store)
    assert accepted.deliveries == ()
    (row,) = await opened_store.rows("deliveries")
    assert (row["state"], row["attempts"], row["leased_by"]) == ("held", 0, None)


async def test_the_raw_callback_is_kept_to_the_letter(opened_store: OpenedStore) -> None:
    raw = RawCallback(
        method="PUT",
        query="id=%31a&x=%ff&&y=%C5%BE+;z",
        content_type='application/json; charset="utf-8"',
        body='\ufeff{"d":"ž\U0001f4e1",\r\n\t"n": 1.50, "n":2 }\u2028\x7f ',
    )
    await accept(opened_store.store, raw=raw)
    (row,) = await opened_store.rows("callbacks")
    kept = RawCallback(**{name: row[name] for name in ("method", "query", "content_type", "body")})
    assert kept == raw
    assert (row["kind"], row["received_at_ms"]) == ("data", NOW_MS)


async def test_lines_of_one_batch_share_its_raw_callback(opened_store: OpenedStore) -> None:
    batch = RawCallback(method="POST", query="", content_type="text/plain", body="three lines")
    await accept_at_once(opened_store.store, [uplink(seq_number=n) for n in range(3)], raw=batch)
    await accept(opened_store.store)
    callbacks = {row["id"]: row["body"] for row in await opened_store.rows("callbacks")}
    bodies = [callbacks[row["callback_id"]] for row in await opened_store.rows("uplinks")]
    assert bodies == ["three lines"] * 3 + ['{"device":"1a2b3c"}']
    assert len(callbacks) == 2


async def test_fields_that_sigfox_did_not_send_stay_unknown(opened_store: OpenedStore) -> None:
    bare = uplink(rssi=None, snr=None, station=None, seq_number=None)
    await accept(opened_store.store, bare)
    (kept,) = await opened_store.store.uplinks_of_device(DEVICE)
    assert kept.uplink == bare


EVENT = Uplink(
    kind=Kind.EVENT, device=DEVICE, device_text="1A2B3C", time=NOW, more={"eventType": "ON_CONTRACT"}
)


async def test_two_events_of_one_second_are_two_and_a_repeat_is_one(store: Store) -> None:
    other = replace(EVENT, more={"eventType": "FIRST_TEST_MESSAGE"})
    accepted = [await accept(store, one) for one in (EVENT, other, EVENT)]
    assert [one.repeated for one in accepted] == [False, False, True]
    assert accepted[2].uplink_id == accepted[0].uplink_id


async def test_an_event_without_a_readable_time_is_known_again(store: Store) -> None:
    first = await accept(store, replace(EVENT, time_given=False))
    later = await accept(store, replace(EVENT, time=NOW + 60, time_given=False))
    assert (later.repeated, later.uplink_id) == (True, first.uplink_id)
