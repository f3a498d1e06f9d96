"""The pages of the links in mails: to look changes nothing, only the button does."""

import logging
import re

from aiohttp import web

from relay.domain.activity import Actor
from relay.domain.letter import LinkPurpose
from relay.logs import mask_email
from relay.mail.letters import LINKS_PATH
from relay.store.linking import Link, Links
from relay.web.activity import address_of
from relay.web.keys import STORE
from relay.web.pages import no_store, render, see_other
from relay.web.sessions import now_ms, sign_in

_log = logging.getLogger(__name__)

_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")


def setup(app: web.Application) -> None:
    """Add the pages of links."""
    path = LINKS_PATH + "/{token}"
    app.router.add_get(path, show_link)
    app.router.add_post(path, use_link)


async def show_link(request: web.Request) -> web.Response:
    """Say what the link will do, with a button: mail scanners and previews follow links as well."""
    token = _token(request)
    link = await _links(request).find(token, now_ms(request)) if token else None
    return _page(request, "links/ask.html", link)


async def use_link(request: web.Request) -> web.Response:
    """Do it, once."""
    token = _token(request)
    link = await _links(request).use(token, now_ms(request), address_of(request)) if token else None
    if link is not None:
        _log.info("link.used", extra={"device": f"{link.device:X}", "purpose": link.purpose})
        if link.purpose is LinkPurpose.SIGN_IN:
            response = no_store(see_other(f"/devices/{link.device_label}"))
            await sign_in(request, response, link.device, Actor.LINK)
            return response
    return _page(request, "links/done.html", link)


def _page(request: web.Request, template: str, link: Link | None) -> web.Response:
    if link is None:
        return no_store(render(request, "links/over.html", 404))
    before = link.target.before
    page = render(
        request,
        template,
        purpose=link.purpose,
        device=link.device_label,
        host=link.host,
        host_before=before.host if before else "",
        email=mask_email(link.target.email),
        email_before=mask_email(before.email) if before else "",
    )
    return no_store(page)


def _token(request: web.Request) -> str | None:
    token = request.match_info["token"]
    return token if _TOKEN.fullmatch(token) else None


def _links(request: web.Request) -> Links:
    store = request.app[STORE]
    return Links(driver=store.driver, outbox=store.outbox)
