"""The pages that are looked at in a real browser; to have another one checked, add it here."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.browser.story import CONFIRM_TOKEN, Story
from tests.pages import DEVICE, OTHER_DEVICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A page by its path, which may depend on what happened in the story; `fields` are posted there."""

    name: str
    path: Callable[[Story], str]
    status: int = 200
    fields: tuple[tuple[str, str], ...] = ()


def visit(name: str, path: str, status: int = 200) -> Visit:
    """A page whose path is known."""
    return Visit(name=name, path=lambda _: path, status=status)


def refused(name: str, path: str, **fields: str) -> Visit:
    """The page that says what is wrong with a form that was posted."""
    return Visit(name=f"{name}-refused", path=lambda _: path, status=422, fields=(*fields.items(),))


VISITS = (
    visit("form", "/form"),
    refused("form", "/form", device_id="x", token="", email="nobody", webhook_url="http:/"),
    visit("forget", "/form/delete"),
    refused("forget", "/form/delete", device_id="x", token="", email="nobody"),
    visit("forgotten", "/form/deleted"),
    refused("signin", "/signin", device_id="x", token=""),
    visit("help", "/docs"),
    visit("privacy", "/privacy"),
    visit("signin", "/signin"),
    visit("signin-link", "/signin/link"),
    visit("link-sent", "/signin/link/sent"),
    visit("overview", f"/devices/{DEVICE}"),
    visit("overview-new", f"/devices/{OTHER_DEVICE}"),
    visit("messages", f"/devices/{DEVICE}/messages"),
    visit("messages-filtered", f"/devices/{DEVICE}/messages?state=dead&text=41"),
    visit("messages-no-match", f"/devices/{DEVICE}/messages?text=77&state=held&to=2020-01-01"),
    visit("messages-wrong-filter", f"/devices/{DEVICE}/messages?text=zz&from=x&state=y&value=warm", 422),
    visit("messages-by-value", f"/devices/{DEVICE}/messages?value=temperature%3E3000+count%3C60&range=7d"),
    visit("messages-none", f"/devices/{OTHER_DEVICE}/messages"),
    Visit(name="message-failed", path=lambda story: f"/devices/{DEVICE}/m/{story.failed_id}"),
    Visit(name="message-delivered", path=lambda story: f"/devices/{DEVICE}/m/{story.delivered_id}"),
    visit("message-absent", f"/devices/{DEVICE}/m/999999", 404),
    visit("deliveries", f"/devices/{DEVICE}/deliveries?state=waiting"),
    visit("deliveries-by-cause", f"/devices/{DEVICE}/deliveries?cause=server_error&status=5xx&range=7d"),
    visit("deliveries-wrong-filter", f"/devices/{DEVICE}/deliveries?status=x&cause=y&range=z&from=w", 422),
    visit("deliveries-none", f"/devices/{OTHER_DEVICE}/deliveries"),
    Visit(name="replay", path=lambda story: f"/devices/{DEVICE}/replay?message={story.failed_id}"),
    visit("replay-nothing", f"/devices/{DEVICE}/replay?delivery=999999"),
    visit("recover", f"/devices/{DEVICE}/recover?since=2026-01-01"),
    visit("recover-nothing", f"/devices/{OTHER_DEVICE}/recover?since=2026-01-01"),
    visit("webhook", f"/devices/{DEVICE}/webhook"),
    visit("webhook-none", f"/devices/{OTHER_DEVICE}/webhook"),
    visit("settings", f"/devices/{DEVICE}/settings"),
    visit("link-confirm-email", f"/links/{CONFIRM_TOKEN}"),
    visit("settings-new", f"/devices/{OTHER_DEVICE}/settings"),
    visit("forget-device", f"/devices/{DEVICE}/settings/forget"),
    refused(
        "settings-decoder", f"/devices/{DEVICE}/settings", do="decoder", display="custom", grammar="a::in:8"
    ),
    refused(
        "settings-place",
        f"/devices/{DEVICE}/settings",
        do="place",
        fixed_latitude="north",
        fixed_longitude="",
    ),
    refused("forget-device", f"/devices/{DEVICE}/settings/forget", device_id="1"),
    Visit(name="webhook-remove", path=lambda story: f"/devices/{DEVICE}/webhook/{story.endpoint_id}/remove"),
    refused("webhook-add", f"/devices/{DEVICE}/webhook/add", url="here"),
    refused("downlink-push", f"/devices/{DEVICE}/downlink", do="push", data="12", label=""),
    refused(
        "downlink-template",
        f"/devices/{DEVICE}/downlink",
        **{"do": "mode", "chain-1": "direct", "chain-2": "", "downlink_template": "{time}00"},
    ),
    visit("downlink", f"/devices/{DEVICE}/downlink"),
    visit("downlink-empty", f"/devices/{DEVICE}/downlink/empty"),
    visit("webhook-add", f"/devices/{DEVICE}/webhook/add"),
    visit("charts", f"/devices/{DEVICE}/charts"),
    visit("charts-year", f"/devices/{DEVICE}/charts?range=1y"),
    visit("charts-empty", f"/devices/{DEVICE}/charts?from=2020-01-01&to=2020-01-02"),
    visit("charts-wrong-range", f"/devices/{DEVICE}/charts?from=2020-01-01&to=x", 422),
    visit("map-wrong-number", f"/devices/{DEVICE}/map?points=7", 422),
    visit("deliveries-past-the-end", f"/devices/{DEVICE}/deliveries?before=1_1_00_data"),
    visit("messages-too-old", f"/devices/{DEVICE}/messages?to=2020-01-01"),
    visit("charts-none", f"/devices/{OTHER_DEVICE}/charts"),
    visit("map", f"/devices/{DEVICE}/map"),
    visit("map-none", f"/devices/{OTHER_DEVICE}/map"),
    visit("foreign", "/devices/FFFF", 404),
)
