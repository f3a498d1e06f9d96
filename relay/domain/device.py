"""Device ids, and what a device's owner and operator have set."""

import re
from dataclasses import dataclass

from relay.domain.device_type import DEFAULT_TYPE_ID, Display

NO_DEVICE = -1
"""In place of a number, for an event that concerns no single device."""

DEFAULT_SEQUENCE_MODULO = 4096
"""A sequence number has 12 bits, unless the device's radio is configured otherwise."""

_DEVICE_ID = re.compile(r"[0-9A-Fa-f]{1,8}")


def parse_device_id(text: str) -> int:
    """Read a device id: 1 to 8 hex digits, at most 32 bits.

    A device *is* its number: `00A0`, `a0` and `A0` are one device.

    Raises:
        ValueError: The text is anything else; white space, signs, `0x` and underscores included.
    """
    if not _DEVICE_ID.fullmatch(text):
        raise ValueError("a device ID has 1 to 8 digits 0-9 and letters A-F")
    return int(text, 16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A registered device.

    `label` is the id as the operator wrote it, in upper case. An `order_email` of "" lets any address
    register. From `display` on, what is "" or None is decided by its type (`device_settings.py`).
    """

    number: int
    label: str
    order_email: str = ""
    contact_email: str = ""
    language: str = "en"
    created_at_ms: int = 0
    type_id: int = DEFAULT_TYPE_ID
    name: str = ""
    time_zone: str = ""
    fixed_latitude: float | None = None
    fixed_longitude: float | None = None
    fixed_label: str = ""
    sequence_modulo: int = DEFAULT_SEQUENCE_MODULO
    display: Display | None = None
    grammar: str = ""
    latitude_field: str = ""
    longitude_field: str = ""
    downlink_chain: str = ""
    downlink_template: str = ""
    keep_alive_seconds: int | None = None
    alert_email: str = ""
    alerts: str = ""
    alert_window_seconds: int | None = None
    low_battery: str = ""

    @property
    def position(self) -> tuple[float, float] | None:
        """Where it stands for good: latitude and longitude."""
        if self.fixed_latitude is None or self.fixed_longitude is None:
            return None
        return self.fixed_latitude, self.fixed_longitude
