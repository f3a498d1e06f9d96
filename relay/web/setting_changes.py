"""Changing the settings of a device or a device type: what goes together, and what does not."""

from collections.abc import Collection
from dataclasses import replace

from relay.decoder import parse_grammar
from relay.domain.device import Device
from relay.domain.device_settings import DeviceSettings, effective
from relay.domain.device_type import DEFAULT_TYPE, DEFAULT_TYPE_ID, DeviceType, Display
from relay.domain.downlink_chain import DownlinkMode, parse_chain
from relay.errors import GrammarError, SettingRefused, sentence
from relay.web.setting_texts import OF_DEVICE, OF_TYPE, Given, read_settings

_READS_GRAMMAR = (Display.CUSTOM, Display.GEOLOCATION)
_USUAL_PLACE = {"latitude_field": "lat", "longitude_field": "lng"}
_SHOWING = {"display", "grammar", "latitude_field", "longitude_field"}
_ANSWERING = {"downlink_chain", "downlink_template"}


def changed_device(device: Device, device_type: DeviceType, given: Given) -> Device:
    """The device with other settings; what is taken away its type decides.

    Raises:
        SettingRefused: One is wrong, by itself or beside the others.
    """
    changed = replace(device, **read_settings(given, OF_DEVICE))
    changed = _without_idle(changed, given)
    _check_position(changed)
    settings = effective(changed, device_type)
    if _means_custom(given, settings):
        changed = replace(changed, display=Display.CUSTOM)
    if _means_direct(given, settings):
        changed = replace(changed, downlink_chain=DownlinkMode.DIRECT)
    _check_together(effective(changed, device_type), given)
    return changed


def changed_type(device_type: DeviceType, given: Given) -> DeviceType:
    """The type with other settings.

    Raises:
        SettingRefused: One is wrong, by itself or beside the others.
    """
    changed = replace(device_type, **read_settings(given, OF_TYPE))
    if changed.id == DEFAULT_TYPE_ID and changed.name != DEFAULT_TYPE.name:
        raise SettingRefused("name", sentence("this type is always called %(name)s", name=DEFAULT_TYPE.name))
    settings = _as_settings(changed)
    if _means_custom(given, settings):
        changed = replace(changed, display=Display.CUSTOM)
    if _means_direct(given, settings):
        changed = replace(changed, downlink_chain=DownlinkMode.DIRECT)
    _check_together(_as_settings(changed), given)
    return changed


def _as_settings(device_type: DeviceType) -> DeviceSettings:
    """Of a device that leaves everything to it."""
    return effective(Device(number=0, label=""), device_type)


def _means_custom(given: Given, settings: DeviceSettings) -> bool:
    """Who gives a grammar and says no more wants payloads shown by it."""
    alone = bool(given.get("grammar")) and "display" not in given
    return alone and settings.display not in _READS_GRAMMAR


def _means_direct(given: Given, settings: DeviceSettings) -> bool:
    """Who gives a template and says no more wants it answered."""
    alone = bool(given.get("downlink_template")) and "downlink_chain" not in given
    return alone and not parse_chain(settings.downlink_chain)


def _without_idle(device: Device, given: Given) -> Device:
    """What the device had only for a grammar, a template or a position goes with it."""
    if device.position is None and "fixed_label" not in given:
        device = replace(device, fixed_label="")
    if given.get("grammar") == "" and "display" not in given and device.display is Display.CUSTOM:
        device = replace(device, display=None)
    template = given.get("downlink_template")
    if template == "" and "downlink_chain" not in given and device.downlink_chain == DownlinkMode.DIRECT:
        device = replace(device, downlink_chain="")
    return device


def _check_position(device: Device) -> None:
    if (device.fixed_latitude is None) is not (device.fixed_longitude is None):
        raise SettingRefused("position", sentence("give a latitude and a longitude, or neither"))
    if device.fixed_label and device.position is None:
        raise SettingRefused("fixed_label", sentence("a label needs a position"))


def _check_together(settings: DeviceSettings, given: Collection[str]) -> None:
    """Only what was touched is checked: nobody is kept from a new name by an old grammar."""
    if settings.display in _READS_GRAMMAR and not _SHOWING.isdisjoint(given):
        _check_showing(settings)
    direct = DownlinkMode.DIRECT in parse_chain(settings.downlink_chain)
    if direct and not settings.downlink_template and not _ANSWERING.isdisjoint(given):
        raise SettingRefused("downlink_chain", sentence("direct needs a template such as {time}0000{rssi}"))


def _check_showing(settings: DeviceSettings) -> None:
    if not settings.grammar:
        raise SettingRefused("display", sentence("%(display)s needs a grammar", display=settings.display))
    names = _names_in(settings.grammar)
    for setting, usual in _USUAL_PLACE.items():
        named = getattr(settings, setting)
        wanted = named or (usual if settings.display is Display.GEOLOCATION else "")
        if wanted and wanted not in names:
            raise SettingRefused(setting, sentence("the grammar has no field %(what)s", what=wanted[:40]))


def _names_in(grammar: str) -> set[str]:
    try:
        return {field.name for field in parse_grammar(grammar).fields}
    except GrammarError as error:
        raise SettingRefused("grammar", error.sentence) from error
