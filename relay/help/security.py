"""`/.well-known/security.txt`: whom to tell of a weakness (RFC 9116)."""

import re
from datetime import UTC, datetime, timedelta

from aiohttp import web

from relay.web.keys import CONFIG, NOW

PATH = "/.well-known/security.txt"
_VALID_DAYS = 180
_ADDRESS = re.compile(r"[^\s<>(),;:@]+@[^\s<>(),;:@]+\.[^\W\d_]+")
_WEB_PAGE = re.compile(r"https://[^\s<>()]+")


async def show_security(request: web.Request) -> web.Response:
    """There is one when `ui.contact` holds something that programs can follow."""
    config = request.app[CONFIG]
    contact = contact_uri(config.ui.contact)
    if contact is None:
        raise web.HTTPNotFound
    today = datetime.fromtimestamp(request.app[NOW](), UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: {contact}",
        f"Expires: {(today + timedelta(days=_VALID_DAYS)).isoformat().replace('+00:00', 'Z')}",
        f"Preferred-Languages: {', '.join(config.ui.languages)}",
        f"Canonical: {config.public_url.rstrip('/')}{PATH}",
    )
    return web.Response(text="\n".join(lines) + "\n")


def contact_uri(text: str) -> str | None:
    """The first mail address or web page in a line that is written for people."""
    if found := _ADDRESS.search(text):
        return f"mailto:{found[0]}"
    found = _WEB_PAGE.search(text)
    return found[0].rstrip(".,;") if found else None
