"""What holds for one device: its own settings, else those of its type."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, fields

from relay.domain.device import DEFAULT_SEQUENCE_MODULO, Device
from relay.domain.device_type import DEFAULT_TYPE, DeviceType, Display


class Origin(enum.StrEnum):
    """Who decided a setting."""

    DEVICE = "device"
    TYPE = "type"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSettings:
    """What holds for one device; the values are those of `DeviceType` and `Device`.

    `position` is the fixed latitude and longitude in degrees, `position_label` what people call it. A
    `time_zone` of "" is the viewer's or the installation's.
    """

    name: str
    display: Display
    grammar: str
    latitude_field: str
    longitude_field: str
    downlink_chain: str
    downlink_template: str
    downlinks_a_day: int
    keep_alive_seconds: int
    alert_email: str
    alerts: str
    alert_window_seconds: int
    low_battery: str
    position: tuple[float, float] | None
    position_label: str
    sequence_modulo: int
    time_zone: str


INHERITED = (
    "display",
    "grammar",
    "latitude_field",
    "longitude_field",
    "downlink_chain",
    "downlink_template",
    "keep_alive_seconds",
    "alert_email",
    "alerts",
    "alert_window_seconds",
    "low_battery",
)
"""What a device may leave to its type."""


def effective(device: Device, device_type: DeviceType) -> DeviceSettings:
    """The settings of a device after those of its type."""
    display = device.display
    keep_alive, window = device.keep_alive_seconds, device.alert_window_seconds
    return DeviceSettings(
        name=device.name,
        display=device_type.display if display is None else display,
        grammar=device.grammar or device_type.grammar,
        latitude_field=device.latitude_field or device_type.latitude_field,
        longitude_field=device.longitude_field or device_type.longitude_field,
        downlink_chain=device.downlink_chain or device_type.downlink_chain,
        downlink_template=device.downlink_template or device_type.downlink_template,
        downlinks_a_day=device_type.downlinks_a_day,
        keep_alive_seconds=device_type.keep_alive_seconds if keep_alive is None else keep_alive,
        alert_email=device.alert_email or device_type.alert_email,
        alerts=device.alerts or device_type.alerts,
        alert_window_seconds=device_type.alert_window_seconds if window is None else window,
        low_battery=device.low_battery or device_type.low_battery,
        position=device.position,
        position_label=device.fixed_label,
        sequence_modulo=device.sequence_modulo,
        time_zone=device.time_zone,
    )


def origins(device: Device, device_type: DeviceType) -> Mapping[str, Origin]:
    """Who decided each setting, by its name in `DeviceSettings`."""
    return {field.name: _origin(field.name, device, device_type) for field in fields(DeviceSettings)}


def _origin(name: str, device: Device, device_type: DeviceType) -> Origin:
    if _is_own(name, device):
        return Origin.DEVICE
    inherited = name in INHERITED or name == "downlinks_a_day"
    if inherited and getattr(device_type, name) != getattr(DEFAULT_TYPE, name):
        return Origin.TYPE
    return Origin.DEFAULT


def _is_own(name: str, device: Device) -> bool:
    if name == "position_label":
        return bool(device.fixed_label)
    if name == "sequence_modulo":
        return device.sequence_modulo != DEFAULT_SEQUENCE_MODULO
    return getattr(device, name, None) not in (None, "")
