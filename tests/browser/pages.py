"""The pages that are looked at in a real browser; to have another one checked, add it here."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.browser.story import CONFIRM_TOKEN, Story
from tests.pages import DEVICE, OTHER_DEVICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A page by its path, which may depend on what happened in the story."""

    name: str
    path: Callable[[Story], str]
    status: int = 200


def visit(name: str, path: str, status: int = 200) -> Visit:
    """A page whose path is known."""
    return Visit(name=name, path=lambda _: path, status=status)


VISITS = (
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
    visit("downlink", f"/devices/{DEVICE}/downlink"),
    visit("downlink-empty", f"/devices/{DEVICE}/downlink/empty"),
    visit("webhook-add", f"/devices/{DEVICE}/webhook/add"),
    visit("charts", f"/devices/{DEVICE}/charts"),
    visit("charts-year", f"/devices/{DEVICE}/charts?range=1y"),
    visit("charts-empty", f"/devices/{DEVICE}/charts?from=2020-01-01&to=x"),
    visit("charts-none", f"/devices/{OTHER_DEVICE}/charts"),
    visit("map", f"/devices/{DEVICE}/map"),
    visit("map-none", f"/devices/{OTHER_DEVICE}/map"),
    visit("foreign", "/devices/FFFF", 404),
)
