"""Which downlink a callback is answered with."""

import pytest

from relay.store.records import Accepted
from relay.store.store import Store
from tests.store.conftest import OpenedStore
from tests.store.given import (
    DEVICE,
    NOW,
    TEMPLATE,
    accept,
    accept_at_once,
    answer_directly,
    bound_device,
    provision,
    uplink,
)

ASKING = uplink(ack=True)
DOWNLINK = NOW.to_bytes(4, "big").hex() + "0000" + (-120).to_bytes(2, "big", signed=True).hex()


@pytest.fixture
async def store(opened_store: OpenedStore) -> Store:
    await bound_device(opened_store.store)
    assert await answer_directly(opened_store.store, TEMPLATE)
    return opened_store.store


async def test_a_device_that_asks_gets_its_downlink(store: Store) -> None:
    assert (await accept(store, ASKING)).downlink == DOWNLINK


async def test_a_device_that_does_not_ask_gets_none(store: Store) -> None:
    assert (await accept(store, uplink())).downlink is None


async def test_each_repeat_gets_the_same_bytes_whatever_changed_meanwhile(store: Store) -> None:
    await accept(store, ASKING)
    await answer_directly(store, "ffffffffffffffff")
    again = await accept(store, uplink(ack=True, rssi=-1.0, station="ABCD"))
    assert (again.repeated, again.downlink) == (True, DOWNLINK)


async def test_a_repeat_that_does_not_ask_gets_none(store: Store) -> None:
    await accept(store, ASKING)
    assert (await accept(store, uplink())).downlink is None
    assert (await accept(store, ASKING)).downlink == DOWNLINK


async def test_a_bidirectional_callback_after_a_plain_one_of_the_same_message_gets_a_downlink(
    opened_store: OpenedStore, store: Store
) -> None:
    plain = await accept(store, uplink())
    first = await accept(store, ASKING)
    await answer_directly(store, "ffffffffffffffff")
    second = await accept(store, ASKING)
    assert [one.downlink for one in (plain, first, second)] == [None, DOWNLINK, DOWNLINK]
    assert [row["downlink"] for row in await opened_store.rows("uplinks")] == [DOWNLINK]
    assert len(await opened_store.rows("deliveries")) == 1


async def test_copies_at_once_get_a_downlink_where_they_ask(store: Store) -> None:
    answers = await accept_at_once(store, [uplink(), ASKING, uplink(), uplink(ack=True, rssi=-1.0)] * 10)
    downlinks = [one.downlink for one in answers if isinstance(one, Accepted)]
    assert downlinks == [None, DOWNLINK, None, DOWNLINK] * 10


async def test_a_device_without_a_template_gets_none(opened_store: OpenedStore) -> None:
    await provision(opened_store.store)
    assert (await accept(opened_store.store, ASKING)).downlink is None


async def test_an_unknown_device_gets_none(opened_store: OpenedStore) -> None:
    assert (await accept(opened_store.store, ASKING)).downlink is None


async def test_a_template_cannot_be_set_for_an_unknown_device(store: Store) -> None:
    assert not await answer_directly(store, TEMPLATE, number=DEVICE + 1)
