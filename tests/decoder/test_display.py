"""What a payload shows by a device's settings."""

from dataclasses import replace

import pytest

from relay.decoder import Fault, ReadField, Reading, field_names, read_payload, read_values
from relay.domain.device import Device
from relay.domain.device_settings import DeviceSettings, effective
from relay.domain.device_type import DEFAULT_TYPE, Display

PLACE = "lat:0:int:16:scale=0.01 lng:2:int:16:scale=0.01"


def settings(display: Display, grammar: str = "", **more: str) -> DeviceSettings:
    device = Device(number=1, label="1", display=display, grammar=grammar)
    return effective(replace(device, **more), DEFAULT_TYPE)


def test_each_field_knows_its_bytes_and_unit() -> None:
    shown = read_payload(
        settings(Display.CUSTOM, "on::bool:7 t:1:int:16:scale=0.1:unit=°C n:3:char:9"), "8000e74142"
    )
    assert shown == Reading(
        fields=(
            ReadField(name="on", value=True, unit="", first_byte=0, last_byte=0),
            ReadField(name="t", value=23.1, unit="°C", first_byte=1, last_byte=2),
            ReadField(name="n", value="AB", unit="", first_byte=3, last_byte=4),
        ),
        fault=Fault.TOO_SHORT,
    )
    assert shown.values == {"on": True, "t": 23.1, "n": "AB"}


def test_a_text_is_one_field() -> None:
    (field,) = read_payload(settings(Display.STRING), "416820c48d00").fields
    assert field == ReadField(name="text", value="Ah č", unit="", first_byte=0, last_byte=5)


@pytest.mark.parametrize("display", Display)
def test_an_empty_payload_is_a_sign_of_life_and_no_fault(display: Display) -> None:
    assert read_payload(settings(display, "a::uint:8"), "") == Reading()


def test_without_a_display_nothing_is_read() -> None:
    assert read_payload(settings(Display.NONE, "a::uint:8"), "01") == Reading()


@pytest.mark.parametrize(
    ("shown", "data", "place", "fault"),
    [
        (settings(Display.GEOLOCATION, PLACE), "1392059f", (50.1, 14.39), Fault.NONE),
        (settings(Display.CUSTOM, PLACE), "1392059f", (50.1, 14.39), Fault.NONE),
        (settings(Display.GEOLOCATION, "a::int:8 b::int:8"), "01ff", None, Fault.NO_PLACE),
        (
            settings(Display.GEOLOCATION, "a::int:8 b::int:8", latitude_field="a", longitude_field="b"),
            "01ff",
            (1.0, -1.0),
            Fault.NONE,
        ),
        (settings(Display.GEOLOCATION, PLACE), "7fff0000", None, Fault.NOT_ON_EARTH),
        (settings(Display.CUSTOM, PLACE), "7fff0000", None, Fault.NONE),
        (settings(Display.GEOLOCATION, PLACE), "1392", None, Fault.TOO_SHORT),
        (settings(Display.GEOLOCATION, "lat::bool:7 lng::bool:6"), "ff", None, Fault.NO_PLACE),
        (
            settings(Display.GEOLOCATION, "lat::float:32 lng::float:32"),
            "7fc000007fc00000",
            None,
            Fault.NO_PLACE,
        ),
        (
            settings(Display.GEOLOCATION, "preset:gps-tracker"),
            "d88bfc0248b6dc00",
            (50.105304, 14.464584),
            Fault.NONE,
        ),
        (settings(Display.CUSTOM, "a::unit:8"), "01", None, Fault.WRONG_GRAMMAR),
        (settings(Display.CUSTOM), "01", None, Fault.WRONG_GRAMMAR),
        (settings(Display.STRING), "0x1", None, Fault.NOT_HEX),
    ],
)
def test_a_place_comes_from_the_named_fields_and_a_fault_says_what_is_missing(
    shown: DeviceSettings, data: str, place: tuple[float, float] | None, fault: Fault
) -> None:
    reading = read_payload(shown, data)
    assert (reading.place, reading.fault) == (place, fault)
    assert read_values(shown, data) == reading.values
    assert {*reading.values} <= {*field_names(shown)}
