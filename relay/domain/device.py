"""Device ids, and what a device's owner and operator have set."""

import re
from dataclasses import dataclass

NO_DEVICE = -1
"""In place of a number, for an event that concerns no single device."""

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

    `label` is the id as the operator wrote it, in upper case. An `order_email` of `""` lets any address
    register. `downlink_template` is the text of a direct downlink (`relay.domain.downlink`), or `""`.
    """

    number: int
    label: str
    order_email: str = ""
    contact_email: str = ""
    language: str = "en"
    downlink_template: str = ""
    grammar: str = ""
    created_at_ms: int = 0
