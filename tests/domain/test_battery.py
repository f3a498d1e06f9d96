"""When a battery is low, and when it is good again."""

import pytest

from relay.domain.battery import UNKNOWN_BATTERY, USUAL_LOW, measured, parse_low_battery


def lows(limit: str, *volts: float) -> str:
    """A letter for each measurement: `L` where it is low."""
    battery, low, told = UNKNOWN_BATTERY, parse_low_battery(limit), ""
    for each in volts:
        battery = measured(battery, each, low)
        told += "L" if battery.is_low else "-"
    return told


@pytest.mark.parametrize(
    ("limit", "volts", "expected"),
    [
        ("", (3.2, 2.57, 2.55, 2.7, 2.8, 2.9), "--LLL-"),
        ("80%", (3.2, 2.57, 2.55, 2.7, 2.8, 2.9), "--LLL-"),
        ("50%", (4.0, 2.1, 1.9, 2.7, 2.9), "--LL-"),
        ("2.5V", (2.4, 2.5, 2.6, 2.63, 2.49), "LLL-L"),
        ("2.5V", (5.0, 2.6), "--"),
        ("2.5V", (2.6, 0, 2.6), "---"),
        ("", (3.2, 1e30, 3.2), "---"),
    ],
)
def test_low_is_a_share_of_the_best_or_so_many_volts(
    limit: str, volts: tuple[float, ...], expected: str
) -> None:
    assert lows(limit, *volts) == expected


@pytest.mark.parametrize("text", ["2.5", "2,5V", "0V", "101V", "0%", "100%", "V", "-1V", "2.5V 80%", "1e1V"])
def test_what_is_no_limit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="neither volts"):
        parse_low_battery(text)


def test_nothing_said_is_the_usual() -> None:
    assert parse_low_battery("") == USUAL_LOW
