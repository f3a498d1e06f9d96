"""The page of a device's settings: name, mail, decoder, alerts, what was done, and the end of it all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from zoneinfo import available_timezones

from aiohttp import web

from relay.decoder import PRESETS, read_payload
from relay.device_pages.alert_form import alert_choices, alert_values, of_type
from relay.device_pages.frame import Tab, device_page
from relay.device_pages.message_rows import decoded_line
from relay.device_pages.owned import Owned
from relay.domain.device import Device
from relay.domain.device_event import parse_alerts
from relay.domain.device_settings import DeviceSettings, effective
from relay.domain.device_type import DEFAULT_TYPE, DeviceType, Display
from relay.store.activity import LAST_ID, Entry, read_activity
from relay.store.contact import pending_email
from relay.store.device_types import DeviceTypes
from relay.store.message_filter import NEWEST, MessageFilter
from relay.store.messages import Messages
from relay.web.activity import told
from relay.web.catalogue import phrase
from relay.web.keys import CONFIG, STORE
from relay.web.query import address, read_id
from relay.web.reading_sentences import fault_sentence

PREVIEWED = 5
ACTIVITY_PAGE = 30
DISPLAYS: Mapping[str, str] = {
    Display.NONE: phrase("No decoding: only hex"),
    Display.STRING: phrase("Text"),
    Display.CUSTOM: phrase("Grammar"),
    Display.GEOLOCATION: phrase("Grammar with a place"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsForms:
    """What is typed into the forms of the page, by the names of the settings."""

    values: Mapping[str, str]
    alerts: frozenset[str]
    own_alerts: bool
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedRow:
    """One of the last messages as it would be shown."""

    time: int
    data: str
    line: str
    fault: str


async def show_settings(request: web.Request, owned: Owned) -> web.Response:
    """The page as things are set."""
    return await settings_page(request, owned, forms_of(owned.device))


async def show_forget(request: web.Request, owned: Owned) -> web.Response:
    """What will be gone; the device ID has to be typed."""
    return await forget_page(request, owned)


def forms_of(device: Device) -> SettingsForms:
    """The forms as the device is set."""
    return SettingsForms(
        values={
            "name": device.name,
            "time_zone": device.time_zone,
            "language": device.language,
            "email": device.contact_email or device.order_email,
            "display": device.display or "",
            "grammar": device.grammar,
            "latitude_field": device.latitude_field,
            "longitude_field": device.longitude_field,
            "fixed_latitude": degrees_text(device.fixed_latitude),
            "fixed_longitude": degrees_text(device.fixed_longitude),
            "fixed_label": device.fixed_label,
            **alert_values(device),
        },
        alerts=frozenset(parse_alerts(device.alerts)),
        own_alerts=bool(device.alerts),
    )


def degrees_text(degrees: float | None) -> str:
    """As it is typed."""
    return "" if degrees is None else f"{degrees:.15g}"


async def settings_page(
    request: web.Request,
    owned: Owned,
    forms: SettingsForms,
    status: int = 200,
    previewed: DeviceSettings | None = None,
) -> web.Response:
    """The page with what was typed; the decoder is shown by the settings that are to be previewed."""
    device_type = await type_of(request, owned.device)
    holds = effective(owned.device, device_type)
    before = read_id(request.query.get("before", ""))
    entries = await request.app[STORE].driver.transact(
        read_activity(owned.device.number, before or LAST_ID, ACTIVITY_PAGE)
    )
    return await device_page(
        request,
        owned,
        Tab.SETTINGS,
        "devices/settings.html",
        status,
        here=f"{owned.path}/{Tab.SETTINGS}",
        values=forms.values,
        forms=forms,
        errors=forms.errors,
        zones=sorted(available_timezones()),
        displays={word: owned.say(title) for word, title in DISPLAYS.items()},
        type_display=owned.say(DISPLAYS[device_type.display]),
        type_grammar=device_type.grammar,
        presets=list(PRESETS.values()),
        decoded=await _decoded(request, owned, previewed or holds),
        alert_choices=await alert_choices(request, owned),
        of_type=of_type(owned, device_type),
        activity=told(owned.show.words, entries),
        newest=f"{request.path}#activity" if before else "",
        alerts_to=holds.alert_email or owned.device.contact_email or owned.device.order_email,
        older=_older(request, entries),
        pending_email=await request.app[STORE].driver.transact(
            pending_email(owned.device.number, request.app[STORE].vault, owned.now_ms)
        ),
        mails=bool(request.app[CONFIG].smtp.host),
    )


async def forget_page(request: web.Request, owned: Owned, *, error: str = "") -> web.Response:
    """The page that asks before all is deleted."""
    return await device_page(
        request,
        owned,
        Tab.SETTINGS,
        "devices/forget_device.html",
        422 if error else 200,
        errors={"device_id": error} if error else {},
    )


async def type_of(request: web.Request, device: Device) -> DeviceType:
    """What decides where the device itself does not."""
    return await DeviceTypes(request.app[STORE].driver).read(device.type_id) or DEFAULT_TYPE


async def _decoded(request: web.Request, owned: Owned, settings: DeviceSettings) -> Sequence[DecodedRow]:
    messages = Messages(request.app[STORE].driver)
    page = await messages.older(owned.device.number, MessageFilter(), NEWEST, PREVIEWED)
    rows = []
    for message in page.messages:
        reading = read_payload(settings, message.data)
        rows.append(
            DecodedRow(
                time=message.time,
                data=message.data,
                line=decoded_line(owned.show, reading),
                fault=fault_sentence(owned.show.words, reading.fault),
            )
        )
    return rows


def _older(request: web.Request, entries: Sequence[Entry]) -> str:
    if len(entries) < ACTIVITY_PAGE:
        return ""
    return address(request.path, {"before": entries[-1].id}) + "#activity"
