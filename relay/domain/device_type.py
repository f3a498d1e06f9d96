"""Device types: settings that a group of devices shares, as in the Sigfox back-end."""

import enum
from dataclasses import dataclass

DEFAULT_TYPE_ID = 0
DEFAULT_TYPE_NAME = "default"

DOWNLINKS_A_DAY = 4
"""What a standard Sigfox contract allows."""
ALERT_WINDOW_SECONDS = 3600
"""Within which a device makes one mail at most, unless its owner wants another."""
LEARNED = -1
"""In place of a keep-alive: a device is silent when it breaks its own rhythm."""


class Display(enum.StrEnum):
    """How a payload is shown."""

    NONE = "none"
    STRING = "string"  # the whole payload is text
    CUSTOM = "custom"  # a grammar tells its fields
    GEOLOCATION = "geolocation"  # the same, and two of them are a place


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceType:
    """What holds for its devices unless they say otherwise.

    `downlink_chain` is "" when nothing is answered, `keep_alive_seconds` is 0 when nobody watches, or
    `LEARNED`; `downlinks_a_day` is 0 when there is no limit; `alerts` are kinds with commas between, "" for
    those that are mailed unasked; `low_battery` is as `parse_low_battery` reads it.
    """

    id: int
    name: str
    description: str = ""
    display: Display = Display.NONE
    grammar: str = ""
    latitude_field: str = ""
    longitude_field: str = ""
    downlink_chain: str = ""
    downlink_template: str = ""
    downlinks_a_day: int = DOWNLINKS_A_DAY
    keep_alive_seconds: int = 0
    alert_email: str = ""
    alerts: str = ""
    alert_window_seconds: int = ALERT_WINDOW_SECONDS
    low_battery: str = ""
    created_at_ms: int = 0


DEFAULT_TYPE = DeviceType(id=DEFAULT_TYPE_ID, name=DEFAULT_TYPE_NAME)
"""The type of every device that has no other, until somebody changes it."""
