"""The pages of devices that are looked at in a real browser; to have another one checked, add it here."""

from collections.abc import Awaitable, Callable

from tests.browser.others import FAILING, FRESH, PAUSED, SILENT, STOPPED, WELL, endpoint_of
from tests.browser.story import Story
from tests.browser.visit import posted, refused, told, visit
from tests.pages import DEVICE, OTHER_DEVICE

_BASE = f"/devices/{DEVICE}"
_NEW = f"/devices/{OTHER_DEVICE}"
_STATES = {
    "paused": PAUSED,
    "failing": FAILING,
    "stopped": STOPPED,
    "silent": SILENT,
    "fresh": FRESH,
    "well": WELL,
}
_TEMPLATE = {"format": "template", "url": "https://hooks.example.com/{device}", "kind-data": "on"}


def _message(of: str) -> Callable[[Story], str]:
    return lambda story: f"{_BASE}/m/{getattr(story, of)}"


def _webhook(rest: str = "") -> Callable[[Story], str]:
    return lambda story: f"{_BASE}/webhook/{story.endpoint_id}{rest}"


def _webhook_of(label: str) -> Callable[[Story], Awaitable[str]]:
    async def path(story: Story) -> str:
        return f"/devices/{label}/webhook/{await endpoint_of(story.pages, label)}"

    return path


_LISTS = (
    visit("devices", "/devices"),
    visit("overview", _BASE),
    visit("overview-new", _NEW),
    *(visit(f"overview-{name}", f"/devices/{label}") for name, label in _STATES.items()),
    visit("messages", f"{_BASE}/messages"),
    visit("messages-filtered", f"{_BASE}/messages?state=dead&text=41"),
    visit("messages-no-match", f"{_BASE}/messages?text=77&state=held&to=2020-01-01"),
    visit("messages-wrong-filter", f"{_BASE}/messages?text=zz&from=x&state=y&value=warm", 422),
    visit("messages-by-value", f"{_BASE}/messages?value=temperature%3E3000+count%3C60&range=7d"),
    visit("messages-past-the-end", f"{_BASE}/messages?before=1_1_00_data"),
    visit("messages-none", f"{_NEW}/messages"),
    told("message-failed", _message("failed_id")),
    told("message-delivered", _message("delivered_id")),
    told("message-held", _message("held_id")),
    told("message-waiting", _message("waiting_id")),
    visit("message-absent", f"{_BASE}/m/999999", 404),
    visit("deliveries", f"{_BASE}/deliveries?state=waiting"),
    visit("deliveries-all", f"{_BASE}/deliveries"),
    visit("deliveries-by-cause", f"{_BASE}/deliveries?cause=server_error&status=5xx&range=7d"),
    visit("deliveries-no-match", f"{_BASE}/deliveries?cause=dns"),
    visit("deliveries-wrong-filter", f"{_BASE}/deliveries?status=x&cause=y&range=z&from=w", 422),
    visit("deliveries-none", f"{_NEW}/deliveries"),
    visit("deliveries-sending-again", f"/devices/{PAUSED}/deliveries"),
    told("replay", lambda story: f"{_BASE}/replay?message={story.failed_id}"),
    visit("replay-nothing", f"{_BASE}/replay?delivery=999999"),
    visit("recover", f"{_BASE}/recover?since=2026-01-01"),
    visit("recover-nothing", f"{_NEW}/recover?since=2026-01-01"),
    visit("recover-no-day", f"{_BASE}/recover?since=x"),
    visit("charts", f"{_BASE}/charts"),
    visit("charts-year", f"{_BASE}/charts?range=1y"),
    visit("charts-wrong-range", f"{_BASE}/charts?from=2020-01-01&to=x", 422),
    visit("map-wrong-number", f"{_BASE}/map?points=7", 422),
    visit("deliveries-past-the-end", f"{_BASE}/deliveries?before=1_1_00_data"),
    visit("messages-too-old", f"{_BASE}/messages?to=2020-01-01"),
    visit("charts-empty", f"{_BASE}/charts?from=2020-01-01&to=2020-01-02"),
    visit("charts-none", f"{_NEW}/charts"),
    visit("map", f"{_BASE}/map"),
    visit("map-none", f"{_NEW}/map"),
    visit("foreign", "/devices/FFFF", 404),
)

_ARRANGED = (
    visit("webhook", f"{_BASE}/webhook"),
    told("webhook-one", _webhook()),
    visit("webhook-none", f"{_NEW}/webhook"),
    visit("webhook-absent", f"{_BASE}/webhook/999999", 404),
    *(visit(f"webhook-{name}", f"/devices/{label}/webhook") for name, label in _STATES.items()),
    posted(
        "webhook-refused",
        _webhook(),
        422,
        do="save",
        url="here",
        format="template",
        method="GET",
        headers="x",
    ),
    posted("webhook-preview", _webhook(), do="preview", body_template='{"d": "{data}"}', **_TEMPLATE),
    posted("webhook-revealed", _webhook(), do="reveal"),
    posted("webhook-test-refused", _webhook(), 422, **{"do": "test", "sample-data": "0g"}),
    posted("webhook-saved", _webhook_of(WELL), do="rotate"),
    told("webhook-remove", _webhook("/remove")),
    visit("webhook-add", f"{_BASE}/webhook/add"),
    refused("webhook-add", f"{_BASE}/webhook/add", url="here"),
    visit("downlink", f"{_BASE}/downlink"),
    visit("downlink-none", f"{_NEW}/downlink"),
    refused("downlink-push", f"{_BASE}/downlink", do="push", data="12", label="", tries="x"),
    refused(
        "downlink-template",
        f"{_BASE}/downlink",
        **{"do": "mode", "chain-1": "direct", "chain-2": "", "downlink_template": "{time}00"},
    ),
    visit("downlink-empty", f"{_BASE}/downlink/empty"),
    visit("settings", f"{_BASE}/settings"),
    visit("settings-new", f"{_NEW}/settings"),
    posted("settings-saved", lambda _: f"/devices/{WELL}/settings", do="general", name="Gate", language="en"),
    posted(
        "settings-preview", lambda _: f"{_BASE}/settings", do="preview", display="custom", grammar="a::uint:8"
    ),
    refused("settings-decoder", f"{_BASE}/settings", do="decoder", display="custom", grammar="a::in:8"),
    refused("settings-general", f"{_BASE}/settings", do="general", name="x" * 101, time_zone="Europe"),
    refused("settings-email", f"{_BASE}/settings", do="email", email="nobody"),
    refused("settings-alerts", f"{_BASE}/settings", do="alerts", alert_email="nobody", low_battery="much"),
    refused("settings-place", f"{_BASE}/settings", do="place", fixed_latitude="north", fixed_longitude=""),
    visit("forget-device", f"{_BASE}/settings/forget"),
    refused("forget-device", f"{_BASE}/settings/forget", device_id="1"),
)

DEVICE_VISITS = (*_LISTS, *_ARRANGED)
