"""Settings of devices and device types as people write them, one by one."""

import math
import re
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import available_timezones

from email_validator import EmailNotValidError, validate_email

from relay.config.durations import FORM, parse_duration
from relay.config.quote import quote
from relay.decoder import parse_grammar
from relay.domain.battery import parse_low_battery
from relay.domain.device import DEFAULT_SEQUENCE_MODULO
from relay.domain.device_event import parse_alerts
from relay.domain.device_type import ALERT_WINDOW_SECONDS, DOWNLINKS_A_DAY, LEARNED, Display
from relay.domain.downlink import parse_template
from relay.domain.downlink_chain import DownlinkMode, parse_chain
from relay.errors import Refused, Sentence, SettingRefused, sentence

LONGEST_NAME = 100
LONGEST_DESCRIPTION = 1000
SHORTEST_KEEP_ALIVE_SECONDS = 1800
"""As in the Sigfox back-end."""
LONGEST_KEEP_ALIVE_SECONDS = 366 * 86_400
SHORTEST_WINDOW_SECONDS = 900
LONGEST_WINDOW_SECONDS = 7 * 86_400
MOST_DOWNLINKS_A_DAY = 1000
MOST_MODULO = 2**24

_KEEP_ALIVE_WORDS = {"off": 0, "0": 0, "learned": LEARNED}


Given = Mapping[str, str]
"""What somebody wrote, by the name of the setting; empty text takes the setting away."""

Readers = Mapping[str, Callable[[str], object]]


def read_settings(given: Given, readers: Readers) -> tuple[dict[str, Any], list[SettingRefused]]:
    """The values of what was written rightly, and what is wrong with the others."""
    values: dict[str, Any] = {}
    refusals = []
    for name, text in given.items():
        try:
            values[name] = _read(name, text, readers)
        except SettingRefused as refused:
            refusals.append(refused)
    return values, refusals


def _read(name: str, text: str, readers: Readers) -> object:
    if name not in readers:
        raise SettingRefused(name, sentence("there is no such setting here"))
    try:
        return readers[name](text.strip())
    except Refused as refused:
        raise SettingRefused(name, refused.sentence, refused) from refused
    except ValueError as error:  # pages have a sentence of their own for each such setting
        raise SettingRefused(name, Sentence("%(error)s", {"error": error})) from error


def _text(longest: int) -> Callable[[str], str]:
    def read(text: str) -> str:
        if len(text) > longest or not text.isprintable():
            raise ValueError(f"longer than {longest} characters, or not printable")
        return text

    return read


def _name_of_type(text: str) -> str:
    if not text:
        raise ValueError("a device type needs a name")
    return _text(LONGEST_NAME)(text)


def _display(text: str) -> Display | None:
    if not text:
        return None
    try:
        return Display(text)
    except ValueError:
        raise ValueError(f"{quote(text)} is none of {', '.join(Display)}") from None


def _grammar(text: str) -> str:
    if text:
        parse_grammar(text)
    return text


def _template(text: str) -> str:
    if text:
        parse_template(text)
    return text


def _chain(text: str) -> str:
    if not text:
        return ""
    return ",".join(parse_chain(text)) or DownlinkMode.NONE


def _keep_alive(text: str) -> int | None:
    if not text:
        return None
    if text in _KEEP_ALIVE_WORDS:
        return _KEEP_ALIVE_WORDS[text]
    seconds = parse_duration(text)
    if not SHORTEST_KEEP_ALIVE_SECONDS <= seconds <= LONGEST_KEEP_ALIVE_SECONDS:
        raise ValueError(f"between 30m and 366d ({FORM}), off, or learned from the device's own rhythm")
    return int(seconds)


def _window(text: str) -> int | None:
    if not text:
        return None
    seconds = parse_duration(text)
    if not SHORTEST_WINDOW_SECONDS <= seconds <= LONGEST_WINDOW_SECONDS:
        raise ValueError(f"between 15m and 7d ({FORM})")
    return int(seconds)


def _low_battery(text: str) -> str:
    written = "".join(text.split()).replace(",", ".").upper()
    parse_low_battery(written)
    return written


def _number(lowest: int, highest: int, otherwise: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text:
            return otherwise
        if not re.fullmatch(r"[0-9]{1,9}", text) or not lowest <= int(text) <= highest:
            raise ValueError(f"{quote(text)} is no whole number from {lowest} to {highest}")
        return int(text)

    return read


def _degrees(highest: int) -> Callable[[str], float | None]:
    def read(text: str) -> float | None:
        if not text:
            return None
        try:
            degrees = float(text)
        except ValueError:
            degrees = math.nan
        if not abs(degrees) <= highest:
            raise ValueError(f"{quote(text)} is not in degrees from -{highest} to {highest}, such as 14.42")
        return degrees

    return read


def _email(text: str) -> str:
    if not text:
        return ""
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValueError(f"{quote(text)}: {error}") from None
    return text


def _alerts(text: str) -> str:
    parse_alerts(text)
    kinds = [kind.strip() for kind in text.split(",")]
    return ",".join(dict.fromkeys(kind for kind in kinds if kind))


def _time_zone(text: str) -> str:
    if text and text not in available_timezones():
        raise ValueError(f"{quote(text)} is no time zone; write one such as Europe/Prague")
    return text


_SHARED: Readers = {
    "grammar": _grammar,
    "latitude_field": _text(LONGEST_NAME),
    "longitude_field": _text(LONGEST_NAME),
    "downlink_chain": _chain,
    "downlink_template": _template,
    "alert_email": _email,
    "alerts": _alerts,
    "low_battery": _low_battery,
}

OF_DEVICE: Readers = {
    **_SHARED,
    "name": _text(LONGEST_NAME),
    "display": _display,
    "keep_alive_seconds": _keep_alive,
    "alert_window_seconds": _window,
    "fixed_latitude": _degrees(90),
    "fixed_longitude": _degrees(180),
    "fixed_label": _text(LONGEST_NAME),
    "sequence_modulo": _number(2, MOST_MODULO, DEFAULT_SEQUENCE_MODULO),
    "time_zone": _time_zone,
}

OF_TYPE: Readers = {
    **_SHARED,
    "name": _name_of_type,
    "description": _text(LONGEST_DESCRIPTION),
    "display": lambda text: _display(text) or Display.NONE,
    "keep_alive_seconds": lambda text: _keep_alive(text) or 0,
    "alert_window_seconds": lambda text: _window(text) or ALERT_WINDOW_SECONDS,
    "downlinks_a_day": _number(0, MOST_DOWNLINKS_A_DAY, DOWNLINKS_A_DAY),
}
