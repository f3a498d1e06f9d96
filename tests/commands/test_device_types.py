"""Commands about device types, and devices of a type."""

import pytest

from relay.errors import RelayError
from tests.commands.conftest import Operator
from tests.store.given import LABEL, provision


async def test_types_are_added_changed_listed_and_removed(operator: Operator) -> None:
    added = await operator.run("types.add", name="meter", settings={"grammar": "preset:pulse-counter"})
    assert (added["display"], added["devices"], added["created_at_ms"]) == (
        "custom",
        0,
        round(operator.now * 1000),
    )
    changed = await operator.run("types.set", name="meter", settings={"name": "water", "alerts": "none"})
    assert (changed["name"], changed["alerts"], changed["grammar"]) == (
        "water",
        "none",
        "preset:pulse-counter",
    )
    assert [one["name"] for one in (await operator.run("types.list"))["types"]] == ["default", "water"]
    await operator.run("types.remove", name="water")
    with pytest.raises(RelayError, match="there is no device type 'water'"):
        await operator.run("types.show", name="water")


async def test_a_type_that_cannot_be_is_refused_in_one_sentence(operator: Operator) -> None:
    await operator.run("types.add", name="meter", settings={})
    for command, name, settings, sentence in (
        ("types.add", "meter", {}, "there is a device type meter already"),
        ("types.add", "default", {}, "there is a device type default already"),
        ("types.add", "x", {"downlinks_a_day": "-1"}, "downlinks_a_day: `-1` is no whole number from 0"),
        ("types.set", "meter", {"name": "default"}, "there is a device type default already"),
        ("types.remove", "default", {}, "it cannot be removed"),
    ):
        with pytest.raises(RelayError, match=sentence):
            await operator.run(command, name=name, settings=settings)


async def test_a_device_shows_what_holds_for_it_and_who_says_so(operator: Operator) -> None:
    await provision(operator.store)
    await operator.run("types.add", name="meter", settings={"keep_alive_seconds": "2h"})
    await operator.run(
        "devices.set",
        device=LABEL,
        type="meter",
        settings={"name": "Cellar", "fixed_latitude": "50.1", "fixed_longitude": "14.39"},
    )
    shown = (await operator.run("devices.show", device=LABEL, limit=1))["device"]
    assert (shown["type"], shown["name"]) == ("meter", "Cellar")
    settings = {name: tuple(one.values()) for name, one in shown["settings"].items()}
    assert settings["keep_alive_seconds"] == (7200, "type")
    assert settings["position"] == ([50.1, 14.39], "device")
    assert settings["alerts"] == ("", "default")
    assert [one["type"] for one in (await operator.run("devices.list", after=-1, limit=5))["devices"]] == [
        "meter"
    ]
    with pytest.raises(RelayError, match="devices belong to meter"):
        await operator.run("types.remove", name="meter")
    await operator.run("devices.set", device=LABEL, type="", settings={})
    await operator.run("types.remove", name="meter")


async def test_a_device_is_set_to_no_type_and_no_setting_that_is_not_there(operator: Operator) -> None:
    await provision(operator.store)
    for arguments, sentence in (
        ({"device": LABEL, "type": "nope", "settings": {}}, "there is no device type 'nope'"),
        ({"device": LABEL, "settings": {"grammar": "x"}}, "grammar: column 2"),
        ({"device": "FF", "settings": {"name": "x"}}, "there is no device FF"),
    ):
        with pytest.raises(RelayError, match=sentence):
            await operator.run("devices.set", **arguments)


async def test_devices_are_provisioned_with_a_type_that_exists(operator: Operator) -> None:
    row = {"label": "FF", "token": "", "email": "", "webhook_url": "", "device_type": "meter"}
    with pytest.raises(RelayError, match="there is no device type 'meter'"):
        await operator.run("devices.provision", rows=[row])
    await operator.run("types.add", name="meter", settings={})
    await operator.run("devices.provision", rows=[row, {**row, "label": "FE", "device_type": ""}])
    listed = (await operator.run("devices.list", after=-1, limit=5))["devices"]
    assert {one["device"]: one["type"] for one in listed} == {"FF": "meter", "FE": "default"}
    of_type = await operator.run("devices.list", after=-1, limit=5, type="meter")
    assert [one["device"] for one in of_type["devices"]] == ["FF"]
