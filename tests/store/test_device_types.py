"""Device types, and what holds for a device after its type."""

from dataclasses import replace

import pytest

from relay.domain.device_type import DEFAULT_TYPE, LEARNED, DeviceType, Display
from relay.store.device_types import DeviceTypes
from relay.store.provisioning import Change
from relay.store.store import Store
from tests.store.conftest import OpenedStore
from tests.store.given import (
    DEVICE,
    NOW,
    NOW_MS,
    TEMPLATE,
    accept,
    answer_directly,
    bound_device,
    device,
    provision,
    uplink,
)

DOWNLINK = NOW.to_bytes(4, "big").hex() + "0000" + (-120).to_bytes(2, "big", signed=True).hex()
METER = DeviceType(
    id=-1,
    name="meter",
    description="Water meters",
    display=Display.GEOLOCATION,
    grammar="lat::float:32 lng::float:32",
    latitude_field="lat",
    longitude_field="lng",
    downlink_chain="ask,direct",
    downlink_template=TEMPLATE,
    downlinks_a_day=2,
    keep_alive_seconds=LEARNED,
    alert_email="a@example.com",
    alerts="silent",
    created_at_ms=NOW_MS,
)


@pytest.fixture
def types(store: Store) -> DeviceTypes:
    return DeviceTypes(store.driver)


async def added(types: DeviceTypes, device_type: DeviceType = METER) -> DeviceType:
    kept = await types.add(device_type)
    assert kept is not None
    return kept


async def test_the_default_type_is_there_before_anybody_changes_it(types: DeviceTypes) -> None:
    assert await types.list() == [DEFAULT_TYPE]
    assert await types.find("default") == await types.read(0) == DEFAULT_TYPE
    changed = replace(DEFAULT_TYPE, display=Display.STRING)
    assert await types.put(changed)
    assert await types.list() == [await types.find("default")] == [changed]
    assert not await types.remove(0)


async def test_types_are_kept_changed_and_listed_by_name(types: DeviceTypes) -> None:
    meter, button = await added(types), await added(types, DeviceType(id=-1, name="button"))
    assert await types.find("meter") == await types.read(meter.id) == replace(METER, id=meter.id)
    assert [one.name for one in await types.list()] == ["default", "button", "meter"]
    assert await types.put(replace(button, name="big button"))
    assert (await types.find("button"), await types.read(999)) == (None, None)


async def test_a_name_belongs_to_one_type(types: DeviceTypes) -> None:
    button = await added(types, DeviceType(id=-1, name="button"))
    await added(types)
    assert await types.add(METER) is None
    assert await types.add(DEFAULT_TYPE) is None
    assert not await types.put(replace(button, name="meter"))
    assert await types.read(button.id) == button


async def test_a_type_is_removed_when_no_device_belongs_to_it(store: Store, types: DeviceTypes) -> None:
    meter = await added(types)
    await provision(store)
    await store.change_device(DEVICE, lambda found: replace(found, type_id=meter.id))
    assert await types.counts() == {meter.id: 1}
    assert not await types.remove(meter.id)
    await store.change_device(DEVICE, lambda found: replace(found, type_id=0))
    assert await types.remove(meter.id)
    assert await types.find("meter") is None


async def test_every_setting_of_a_device_comes_back_and_nothing_else_changes(store: Store) -> None:
    await provision(store)
    before = await store.find_device(DEVICE)
    assert before is not None
    wanted = replace(
        before,
        type_id=7,
        name="Cellar",
        time_zone="Europe/Prague",
        fixed_latitude=50.1,
        fixed_longitude=-14.4,
        sequence_modulo=128,
        display=Display.CUSTOM,
        grammar="a::uint:8",
        latitude_field="x",
        longitude_field="y",
        downlink_chain="none",
        downlink_template=TEMPLATE,
        keep_alive_seconds=0,
        alert_email="b@example.com",
        alerts="none",
    )
    await store.change_device(DEVICE, lambda _: replace(wanted, label="XX", language="cs"))
    assert await store.find_device(DEVICE) == wanted
    assert await store.change_device(DEVICE + 1, lambda found: found) is None


async def test_what_a_device_leaves_open_its_type_decides(store: Store, types: DeviceTypes) -> None:
    meter = await added(types)
    await provision(store)
    await store.change_device(DEVICE, lambda found: replace(found, type_id=meter.id, alerts="none"))
    settings = await types.settings_of(DEVICE)
    assert settings is not None
    assert (settings.display, settings.grammar, settings.downlinks_a_day) == (
        Display.GEOLOCATION,
        METER.grammar,
        2,
    )
    assert (settings.alerts, settings.alert_email) == ("none", "a@example.com")
    assert await types.settings_of(DEVICE + 1) is None


async def test_a_device_is_put_into_a_type_and_stays_there(store: Store, types: DeviceTypes) -> None:
    meter = await added(types)
    wanted = replace(device(), type_id=meter.id)
    for given, change in ((wanted, Change.ADDED), (wanted, Change.SAME), (device(), Change.SAME)):
        (done,) = await store.provision([given], language="en", now_ms=NOW_MS)
        found = await store.find_device(DEVICE)
        assert (done.change, found and found.type_id) == (change, meter.id)
    (done,) = await store.provision([replace(device(), type_id=0)], language="en", now_ms=NOW_MS)
    assert done.change is Change.CHANGED
    assert [one.type_name for one in await store.list_devices()] == ["default"]
    assert len(await store.list_devices(type_id=0)) == 1
    assert await store.list_devices(type_id=meter.id) == []


@pytest.mark.parametrize(
    ("of_device", "of_type", "downlink"),
    [
        (("", ""), ("direct", TEMPLATE), DOWNLINK),
        (("", "00" * 8), ("queue,direct", TEMPLATE), "00" * 8),
        (("none", ""), ("direct", TEMPLATE), None),
        (("direct", ""), ("", TEMPLATE), DOWNLINK),
        (("", TEMPLATE), ("", ""), None),
    ],
)
async def test_a_downlink_follows_the_device_and_then_its_type(
    store: Store,
    types: DeviceTypes,
    of_device: tuple[str, str],
    of_type: tuple[str, str],
    downlink: str | None,
) -> None:
    await bound_device(store)
    meter = await added(types, replace(METER, downlink_chain=of_type[0], downlink_template=of_type[1]))
    await store.change_device(
        DEVICE,
        lambda found: replace(
            found, type_id=meter.id, downlink_chain=of_device[0], downlink_template=of_device[1]
        ),
    )
    assert (await accept(store, uplink(ack=True))).downlink == downlink


async def test_the_default_type_holds_for_devices_without_another(opened_store: OpenedStore) -> None:
    store = opened_store.store
    await bound_device(store)
    changed = replace(DEFAULT_TYPE, downlink_chain="direct", downlink_template=TEMPLATE)
    assert await DeviceTypes(store.driver).put(changed)
    assert (await accept(store, uplink(ack=True))).downlink == DOWNLINK
    await answer_directly(store, "11" * 8)
    assert (await accept(store, uplink(ack=True, seq_number=8))).downlink == "11" * 8
