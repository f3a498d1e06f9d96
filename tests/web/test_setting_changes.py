"""Changing settings as people write them."""

from dataclasses import replace

import pytest

from relay.domain.device import Device
from relay.domain.device_type import DEFAULT_TYPE, LEARNED, DeviceType, Display
from relay.errors import ChangeRefused
from relay.web.setting_changes import changed_device, changed_type

DEVICE = Device(number=1, label="1")
METER = DeviceType(id=3, name="meter")
TEMPLATE = "{time}0000{rssi}"


@pytest.mark.parametrize(
    ("setting", "text", "value"),
    [
        ("name", " Cellar 1 ", "Cellar 1"),
        ("display", "string", Display.STRING),
        ("display", "", None),
        ("downlink_chain", "ask, queue", "ask,queue"),
        ("downlink_chain", "none", "none"),
        ("keep_alive_seconds", "26h", 93_600),
        ("keep_alive_seconds", "off", 0),
        ("keep_alive_seconds", "learned", LEARNED),
        ("keep_alive_seconds", "", None),
        ("sequence_modulo", "128", 128),
        ("sequence_modulo", "", 4096),
        ("alerts", "silent, back ,silent", "silent,back"),
        ("alert_email", "a@example.com", "a@example.com"),
        ("alert_window_seconds", "6h", 21_600),
        ("alert_window_seconds", "", None),
        ("low_battery", "2,5 v", "2.5V"),
        ("low_battery", "80 %", "80%"),
        ("time_zone", "Europe/Prague", "Europe/Prague"),
    ],
)
def test_a_setting_of_a_device_is_read(setting: str, text: str, value: object) -> None:
    assert getattr(changed_device(DEVICE, METER, {setting: text}), setting) == value


def test_empty_text_takes_a_setting_of_a_type_away() -> None:
    full = replace(METER, display=Display.STRING, keep_alive_seconds=7200, downlinks_a_day=9, alerts="silent")
    full = replace(full, alert_window_seconds=900, low_battery="2.5V")
    names = ("display", "keep_alive_seconds", "downlinks_a_day", "alerts")
    empty = dict.fromkeys((*names, "alert_window_seconds", "low_battery"), "")
    assert changed_type(full, empty) == METER


@pytest.mark.parametrize(
    ("given", "setting", "advice"),
    [
        ({"colour": "red"}, "colour", "there is no such setting"),
        ({"grammar": "a::unit:8"}, "grammar", "column 4"),
        ({"grammar": "preset:nope"}, "grammar", "column 8: there is no preset"),
        ({"downlink_template": "{time}00"}, "downlink_template", "column 9"),
        ({"downlink_chain": "ask,frob"}, "downlink_chain", "column 5"),
        ({"downlink_chain": "direct"}, "downlink_chain", "direct needs a template"),
        ({"alert_email": "nonsense"}, "alert_email", "`nonsense`"),
        ({"display": "test"}, "display", "`test` is none of none, string, custom, geolocation"),
        ({"display": "custom"}, "display", "custom needs a grammar"),
        (
            {"display": "geolocation", "grammar": "a::uint:8"},
            "latitude_field",
            "the grammar has no field lat",
        ),
        (
            {"grammar": "lat::int:8 lng::int:8", "longitude_field": "lon"},
            "longitude_field",
            "the grammar has no field lon",
        ),
        ({"keep_alive_seconds": "20m"}, "keep_alive_seconds", "between 30m and 366d"),
        ({"keep_alive_seconds": "soon"}, "keep_alive_seconds", "`soon` is not a duration"),
        ({"fixed_latitude": "50"}, "position", "give a latitude and a longitude"),
        ({"fixed_latitude": "nan", "fixed_longitude": "1"}, "fixed_latitude", "`nan` is not in degrees"),
        ({"fixed_latitude": "50", "fixed_longitude": "181"}, "fixed_longitude", "`181` is not in degrees"),
        ({"fixed_label": "Cellar"}, "fixed_label", "a label needs a position"),
        ({"alert_window_seconds": "14m"}, "alert_window_seconds", "between 15m and 7d"),
        ({"alert_window_seconds": "8d"}, "alert_window_seconds", "between 15m and 7d"),
        ({"low_battery": "100%"}, "low_battery", "is neither volts, such as 2.5V"),
        ({"low_battery": "2.5"}, "low_battery", "is neither volts, such as 2.5V"),
        ({"sequence_modulo": "1"}, "sequence_modulo", "`1` is no whole number from 2"),
        ({"alerts": "Silent!"}, "alerts", "is no kind of event"),
        ({"time_zone": "Europe/../etc"}, "time_zone", "is no time zone"),
        ({"name": "x" * 101}, "name", "longer than 100 characters"),
        ({"name": "a\x1bb"}, "name", "not printable"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(given: dict[str, str], setting: str, advice: str) -> None:
    with pytest.raises(ChangeRefused) as caught:
        changed_device(DEVICE, METER, given)
    refused, *_ = caught.value.refusals
    assert refused.setting == setting
    assert advice in str(refused.why)


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        ({"name": "x" * 101, "time_zone": "Mars"}, ["name", "time_zone"]),
        (
            {"fixed_latitude": "91", "fixed_longitude": "x", "fixed_label": "Cellar"},
            ["fixed_latitude", "fixed_longitude"],
        ),
        ({"fixed_latitude": "50", "fixed_label": "x" * 101}, ["fixed_label", "position"]),
        ({"grammar": "a::unit:8", "latitude_field": "b"}, ["grammar"]),
        (
            {"grammar": "a::int:8", "latitude_field": "b", "longitude_field": "c"},
            ["latitude_field", "longitude_field"],
        ),
        (
            {"grammar": "a::unit:8", "downlink_template": "{time}00", "low_battery": "x"},
            ["grammar", "downlink_template", "low_battery"],
        ),
    ],
)
def test_all_that_is_wrong_is_told_at_once_but_nothing_that_only_follows_from_it(
    given: dict[str, str], settings: list[str]
) -> None:
    with pytest.raises(ChangeRefused) as caught:
        changed_device(DEVICE, METER, given)
    assert [refused.setting for refused in caught.value.refusals] == settings


def test_a_grammar_alone_means_that_it_is_shown_by_it() -> None:
    shown = changed_device(DEVICE, METER, {"grammar": "a::uint:8"})
    assert shown.display is Display.CUSTOM
    assert changed_device(shown, METER, {"grammar": ""}) == DEVICE
    asked = changed_device(DEVICE, METER, {"grammar": "a::uint:8", "display": "string"})
    assert asked.display is Display.STRING
    assert changed_type(METER, {"grammar": "a::uint:8"}).display is Display.CUSTOM


def test_a_grammar_beside_a_type_that_shows_by_one_leaves_the_display_to_it() -> None:
    tracker = changed_type(METER, {"grammar": "preset:gps-tracker", "display": "geolocation"})
    own = changed_device(DEVICE, tracker, {"grammar": "lat::float:32 lng::float:32"})
    assert own.display is None


def test_a_template_alone_means_that_it_is_answered() -> None:
    answered = changed_device(DEVICE, METER, {"downlink_template": TEMPLATE})
    assert answered.downlink_chain == "direct"
    assert changed_device(answered, METER, {"downlink_template": ""}) == DEVICE
    queued = replace(METER, downlink_chain="queue,direct", downlink_template="00" * 8)
    assert changed_device(DEVICE, queued, {"downlink_template": TEMPLATE}).downlink_chain == ""
    assert changed_type(METER, {"downlink_template": TEMPLATE}).downlink_chain == "direct"


def test_only_what_is_touched_is_judged_beside_the_others() -> None:
    broken = replace(DEVICE, display=Display.GEOLOCATION, grammar="a::unit:8", downlink_chain="direct")
    assert changed_device(broken, METER, {"name": "Cellar"}).name == "Cellar"
    with pytest.raises(ChangeRefused, match="grammar: column 4"):
        changed_device(broken, METER, {"latitude_field": "a"})


def test_the_default_type_keeps_its_name_and_a_type_needs_one() -> None:
    assert changed_type(DEFAULT_TYPE, {"description": "All"}).description == "All"
    for device_type, name in ((DEFAULT_TYPE, "other"), (METER, " ")):
        with pytest.raises(ChangeRefused, match="name: "):
            changed_type(device_type, {"name": name})
