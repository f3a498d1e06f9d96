"""What holds for a device after its type, and who says so."""

from dataclasses import fields, replace

import pytest

from relay.domain.device import Device
from relay.domain.device_settings import INHERITED, DeviceSettings, Origin, effective, origins
from relay.domain.device_type import DEFAULT_TYPE, DeviceType, Display

DEVICE = Device(number=1, label="1")
OF_TYPE: dict[str, object] = {
    "display": Display.CUSTOM,
    "grammar": "a::uint:8",
    "latitude_field": "a",
    "longitude_field": "b",
    "downlink_chain": "ask",
    "downlink_template": "00" * 8,
    "keep_alive_seconds": 7200,
    "alert_email": "t@example.com",
    "alerts": "silent",
    "alert_window_seconds": 7200,
    "low_battery": "2.5V",
}
OF_DEVICE: dict[str, object] = {
    "display": Display.NONE,
    "grammar": "b::uint:8",
    "latitude_field": "x",
    "longitude_field": "y",
    "downlink_chain": "none",
    "downlink_template": "11" * 8,
    "keep_alive_seconds": 0,
    "alert_email": "d@example.com",
    "alerts": "none",
    "alert_window_seconds": 900,
    "low_battery": "70%",
}
TYPE = replace(DeviceType(id=3, name="meter", downlinks_a_day=2), **OF_TYPE)


@pytest.mark.parametrize("name", INHERITED)
def test_a_device_decides_then_its_type_then_nobody(name: str) -> None:
    own = replace(DEVICE, **{name: OF_DEVICE[name]})
    for device, device_type, value, origin in (
        (own, TYPE, OF_DEVICE[name], Origin.DEVICE),
        (DEVICE, TYPE, OF_TYPE[name], Origin.TYPE),
        (DEVICE, DEFAULT_TYPE, getattr(DEFAULT_TYPE, name), Origin.DEFAULT),
    ):
        assert getattr(effective(device, device_type), name) == value
        assert origins(device, device_type)[name] is origin


def test_what_no_type_knows_is_the_device_s_own_or_usual() -> None:
    own = replace(DEVICE, name="Cellar", fixed_latitude=0.0, fixed_longitude=0.0, sequence_modulo=128)
    settings, who = effective(own, TYPE), origins(own, TYPE)
    assert (settings.name, settings.position, settings.sequence_modulo) == ("Cellar", (0.0, 0.0), 128)
    assert settings.downlinks_a_day == 2
    names = ("name", "position", "position_label", "sequence_modulo", "time_zone")
    assert {name: who[name].value for name in names} == {
        "name": "device",
        "position": "device",
        "position_label": "default",
        "sequence_modulo": "device",
        "time_zone": "default",
    }
    assert origins(DEVICE, TYPE)["downlinks_a_day"] is Origin.TYPE


def test_every_setting_has_an_origin() -> None:
    assert set(origins(DEVICE, TYPE)) == {field.name for field in fields(DeviceSettings)}
