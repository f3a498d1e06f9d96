"""The options that set what devices and device types have in common."""

from collections.abc import Callable
from typing import Any

import click

from relay.config.durations import format_duration
from relay.domain.device_type import Display

Command = Callable[..., Any]


def setting_option(option: str, setting: str, help_text: str) -> Callable[[Command], Command]:
    """An option whose text goes to the setting as it is written; empty text takes the setting away."""
    return click.option(option, setting, metavar="TEXT", help=help_text)


_SHARED = (
    setting_option("--display", "display", f"How payloads are shown: {', '.join(Display)}."),
    setting_option("--grammar", "grammar", "How payloads are read, such as temperature::int:8."),
    setting_option("--latitude-field", "latitude_field", "The field of a geolocation with the latitude."),
    setting_option("--longitude-field", "longitude_field", "The field of a geolocation with the longitude."),
    setting_option(
        "--downlink-chain", "downlink_chain", "Where downlinks come from, such as ask,queue,direct; or none."
    ),
    setting_option("--downlink", "downlink_template", "A direct downlink, such as {time}0000{rssi}."),
    setting_option("--keep-alive", "keep_alive_seconds", "How long it may be silent: 26h, off or learned."),
    setting_option("--alert-email", "alert_email", "Who gets alerts, instead of the owner."),
    setting_option("--alerts", "alerts", "The kinds of alerts that are mailed, with commas; or none."),
    setting_option("--alert-window", "alert_window_seconds", "In which time there is one mail at most: 6h."),
    setting_option("--low-battery", "low_battery", "Below what a battery is low: 2.5V, or 80% of full."),
)


def shared_settings(command: Command) -> Command:
    """Add an option for each setting that devices and their types have in common."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def setting_text(name: str, value: Any) -> str:
    """A setting as it may be written again."""
    match name, value:
        case _, None:
            return ""
        case "keep_alive_seconds", 0:
            return "off"
        case "keep_alive_seconds", -1:
            return "learned"
        case "keep_alive_seconds" | "alert_window_seconds", int(seconds):
            return format_duration(seconds)
        case "position", [latitude, longitude]:
            return f"{latitude},{longitude}"
        case _:
            return str(value)


def given_settings(written: dict[str, str | None]) -> dict[str, str]:
    """What was written on the command line.

    Raises:
        click.UsageError: Nothing was.
    """
    given = {name: text for name, text in written.items() if text is not None}
    if not given:
        raise click.UsageError("say what to set; --help tells what there is")
    return given
