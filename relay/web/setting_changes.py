"""Changing the settings of a device or a device type: what goes together, and what does not."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from relay.decoder import parse_grammar
from relay.domain.device import Device
from relay.domain.device_settings import DeviceSettings, effective
from relay.domain.device_type import DEFAULT_TYPE, DEFAULT_TYPE_ID, DeviceType, Display
from relay.domain.downlink_chain import DownlinkMode, parse_chain
from relay.errors import ChangeRefused, GrammarError, SettingRefused, sentence
from relay.web.setting_texts import OF_DEVICE, OF_TYPE, Given, read_settings

_READS_GRAMMAR = (Display.CUSTOM, Display.GEOLOCATION)
_USUAL_PLACE = {"latitude_field": "lat", "longitude_field": "lng"}
_SHOWING = {"display", "grammar", "latitude_field", "longitude_field"}
_ANSWERING = {"downlink_chain", "downlink_template"}
_POSITION = {"fixed_latitude", "fixed_longitude"}
_JUDGED_BY: Mapping[str, Collection[str]] = {
    "name": {"name"},
    "position": _POSITION,
    "fixed_label": _POSITION | {"fixed_label"},
    "display": {"display", "grammar"},
    "grammar": {"display", "grammar"},
    "latitude_field": {"display", "grammar", "latitude_field"},
    "longitude_field": {"display", "grammar", "longitude_field"},
    "downlink_chain": _ANSWERING,
}
"""What has to be right before it can be told whether a setting fits the others."""


def changed_device(device: Device, device_type: DeviceType, given: Given) -> Device:
    """The device with other settings; what is taken away its type decides.

    Raises:
        ChangeRefused: Some are wrong, by themselves or beside the others.
    """
    values, refusals = read_settings(given, OF_DEVICE)
    changed = _without_idle(replace(device, **values), given)
    settings = effective(changed, device_type)
    if _means_custom(given, settings):
        changed = replace(changed, display=Display.CUSTOM)
    if _means_direct(given, settings):
        changed = replace(changed, downlink_chain=DownlinkMode.DIRECT)
    _refuse(refusals, [*_misplaced(changed), *_unfit(effective(changed, device_type), given)])
    return changed


def changed_type(device_type: DeviceType, given: Given) -> DeviceType:
    """The type with other settings.

    Raises:
        ChangeRefused: Some are wrong, by themselves or beside the others.
    """
    values, refusals = read_settings(given, OF_TYPE)
    changed = replace(device_type, **values)
    settings = _as_settings(changed)
    if _means_custom(given, settings):
        changed = replace(changed, display=Display.CUSTOM)
    if _means_direct(given, settings):
        changed = replace(changed, downlink_chain=DownlinkMode.DIRECT)
    _refuse(refusals, [*_misnamed(changed), *_unfit(_as_settings(changed), given)])
    return changed


def _refuse(wrong: Sequence[SettingRefused], unfit: Sequence[SettingRefused]) -> None:
    """What is wrong by itself is not judged beside the others as well."""
    names = {refused.setting for refused in wrong}
    beside = [refused for refused in unfit if names.isdisjoint(_JUDGED_BY[refused.setting])]
    if refusals := [*wrong, *beside]:
        raise ChangeRefused(refusals)


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


def _misnamed(device_type: DeviceType) -> Iterator[SettingRefused]:
    if device_type.id == DEFAULT_TYPE_ID and device_type.name != DEFAULT_TYPE.name:
        told = sentence("this type is always called %(name)s", name=DEFAULT_TYPE.name)
        yield SettingRefused("name", told)


def _misplaced(device: Device) -> Iterator[SettingRefused]:
    if (device.fixed_latitude is None) is not (device.fixed_longitude is None):
        yield SettingRefused("position", sentence("give a latitude and a longitude, or neither"))
    elif device.fixed_label and device.position is None:
        yield SettingRefused("fixed_label", sentence("a label needs a position"))


def _unfit(settings: DeviceSettings, given: Collection[str]) -> Iterator[SettingRefused]:
    """Only what was touched is checked: nobody is kept from a new name by an old grammar."""
    if settings.display in _READS_GRAMMAR and not _SHOWING.isdisjoint(given):
        yield from _unreadable(settings)
    direct = DownlinkMode.DIRECT in parse_chain(settings.downlink_chain)
    if direct and not settings.downlink_template and not _ANSWERING.isdisjoint(given):
        told = sentence("direct needs a template such as {time}0000{rssi}")
        yield SettingRefused("downlink_chain", told)


def _unreadable(settings: DeviceSettings) -> Iterator[SettingRefused]:
    if not settings.grammar:
        yield SettingRefused("display", sentence("%(display)s needs a grammar", display=settings.display))
        return
    try:
        names = {field.name for field in parse_grammar(settings.grammar).fields}
    except GrammarError as error:
        yield SettingRefused("grammar", error.sentence, error)
        return
    for setting, usual in _USUAL_PLACE.items():
        named = getattr(settings, setting)
        wanted = named or (usual if settings.display is Display.GEOLOCATION else "")
        if wanted and wanted not in names:
            yield SettingRefused(setting, sentence("the grammar has no field %(what)s", what=wanted[:40]))
