"""What the form of alerts says: what is set, what the device type decides, which webhooks are told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from relay.config.durations import format_duration
from relay.device_pages.owned import Owned
from relay.domain.battery import LOW_SHARE
from relay.domain.device import DEFAULT_SEQUENCE_MODULO, Device
from relay.domain.device_event import NOTICES, DeviceEventKind, parse_alerts
from relay.domain.device_type import LEARNED, DeviceType
from relay.domain.uplink import Kind
from relay.store.driver import Row, rows_of
from relay.web.catalogue import phrase
from relay.web.device_events import event_title
from relay.web.keys import STORE

_OF_NETWORK: Mapping[DeviceEventKind, Kind] = {
    DeviceEventKind.NETWORK_ERROR: Kind.ERROR,
    DeviceEventKind.NETWORK_EVENT: Kind.EVENT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertChoice:
    """A kind of event that may be mailed; `hosts` of webhooks are told of it as well."""

    kind: DeviceEventKind
    title: str
    hosts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OfType:
    """What the device type says, ready to be read; `email` is empty when it leaves that to the owner."""

    alerts: str
    kinds: frozenset[DeviceEventKind]
    keep_alive: str
    low_battery: str
    window: str
    email: str


def alert_values(device: Device) -> Mapping[str, str]:
    """What is set for the device itself, as it is typed; empty is what its type decides."""
    window, modulo = device.alert_window_seconds, device.sequence_modulo
    return {
        "alert_email": device.alert_email,
        "keep_alive_seconds": keep_alive_text(device.keep_alive_seconds),
        "low_battery": device.low_battery,
        "alert_window_seconds": "" if window is None else format_duration(window),
        "sequence_modulo": "" if modulo == DEFAULT_SEQUENCE_MODULO else str(modulo),
    }


def keep_alive_text(seconds: int | None) -> str:
    """As it is typed."""
    match seconds:
        case None:
            return ""
        case 0:
            return "off"
        case _ if seconds == LEARNED:
            return "learned"
        case _:
            return format_duration(seconds)


def of_type(owned: Owned, device_type: DeviceType) -> OfType:
    """What holds where the device says nothing."""
    mailed = mailed_kinds(device_type.alerts)
    titles = [_title(owned, kind) for kind in DeviceEventKind if kind in mailed]
    usual = f"{LOW_SHARE:.0%}"
    return OfType(
        alerts=", ".join(titles) or owned.say(phrase("nothing")),
        kinds=mailed,
        keep_alive=keep_alive_text(device_type.keep_alive_seconds),
        low_battery=device_type.low_battery or usual,
        window=format_duration(device_type.alert_window_seconds),
        email=device_type.alert_email,
    )


def mailed_kinds(alerts: str) -> frozenset[DeviceEventKind]:
    """Those that are mailed where a type says so."""
    try:
        return parse_alerts(alerts)
    except ValueError:  # set by another version
        return parse_alerts("")


async def alert_choices(request: web.Request, owned: Owned) -> Sequence[AlertChoice]:
    """Each kind of event with those who are told of it beside the owner."""
    wanted = await request.app[STORE].driver.transact(rows_of("kinds_wanted", device=owned.device.number))
    return [
        AlertChoice(kind=kind, title=_title(owned, kind), hosts=", ".join(_told(kind, wanted)))
        for kind in DeviceEventKind
    ]


def _told(kind: DeviceEventKind, wanted: Sequence[Row]) -> list[str]:
    sent_as = NOTICES.get(kind) or _OF_NETWORK[kind]
    return [row["host"] for row in wanted if sent_as in row["kinds"].split(",")]


def _title(owned: Owned, kind: DeviceEventKind) -> str:
    return event_title(owned.show.words, kind)
