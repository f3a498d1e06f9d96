"""The owner of a device at the form."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from tests.journeys.relay_program import RelayProgram

_SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{40,}=*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What the form answered and what the page behind it shows."""

    status: int
    location: str
    page: str

    @property
    def secret(self) -> str | None:
        """The signing secret, when the page shows it."""
        found = _SECRET.search(html.unescape(self.page))
        return found[0] if found else None


async def register(
    relay: RelayProgram,
    *,
    device_id: str,
    token: str,
    webhook_url: str,
    email: str = "owner@example.com",
    headers: Mapping[str, str] | None = None,
) -> Registered:
    """Fill in the form and go on to the page that it leads to."""
    fields = {"device_id": device_id, "token": token, "email": email, "webhook_url": webhook_url}
    async with aiohttp.ClientSession(relay.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.post("/form", data=fields, headers=headers, allow_redirects=False) as answer:
            location = answer.headers.get("Location", "")
            page = await answer.text()
        if location:
            async with session.get(location) as next_page:
                page = await next_page.text()
    return Registered(status=answer.status, location=location, page=page)
