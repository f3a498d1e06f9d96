"""What is kept of owners and their devices, and for how long."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from aiohttp import web

from relay.config.model import RetentionSettings
from relay.help.schedule import in_hours
from relay.store.bins import KEPT_SECONDS
from relay.store.mailing import KEPT_DAYS
from relay.store.sessions import IDLE_MS
from relay.web.catalogue import phrase
from relay.web.keys import CONFIG
from relay.web.pages import render

PATH = "/privacy"
DAY_SECONDS = 86_400.0


def kept_seconds(retention: RetentionSettings) -> Mapping[str, float]:
    """What comes from devices, by its name."""
    return {
        phrase("messages"): retention.messages,
        phrase("attempts to deliver them, with the answers"): retention.attempts,
        phrase("messages of devices that nobody has registered yet"): retention.unclaimed,
        phrase("sums by the hour for charts"): retention.statistics,
        phrase("what happened to a device"): retention.events,
        phrase("request bins"): KEPT_SECONDS,
    }


def kept_of_owners(retention: RetentionSettings) -> Mapping[str, float]:
    """What comes from people, by its name."""
    return {
        phrase("what was done to a device, with the internet address"): retention.events,
        phrase("that a mail was sent to you, and when"): KEPT_DAYS * DAY_SECONDS,
        phrase("that a browser is signed in, after its last visit"): IDLE_MS / 1000,
    }


async def show_privacy(request: web.Request) -> web.Response:
    """What is kept, who sees it, and how to get it or have it erased; by the running settings."""
    config = request.app[CONFIG]
    return render(
        request,
        "help/privacy.html",
        kept={**kept_seconds(config.retention), **kept_of_owners(config.retention)},
        day_seconds=DAY_SECONDS,
        in_hours=in_hours,
        tile_host=urlsplit(config.map.tiles).hostname or "",
        mails=bool(config.smtp.host),
    )
