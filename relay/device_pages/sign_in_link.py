"""Signing in without the token: by a link that is mailed to the address on record."""

import asyncio
from collections.abc import Mapping

from aiohttp import web
from email_validator import EmailNotValidError, validate_email

from relay.device_pages.sign_in import clean_device_id, device_id_error
from relay.domain.device import parse_device_id
from relay.domain.letter import same_address
from relay.store.outbox import log_posted
from relay.store.records import Registrant
from relay.store.signing_in import post_sign_in_link
from relay.web.body import read_form
from relay.web.keys import CONFIG, STORE
from relay.web.owners import judge_claim
from relay.web.pages import no_store, render, see_other, words_of
from relay.web.preferences import LANGUAGE
from relay.web.sessions import now_ms

LINK_PATH = "/signin/link"
SENT_PATH = "/signin/link/sent"
ANSWER_AFTER_SECONDS = 0.25
"""Longer than what is done for some only takes: so the time tells strangers nothing."""


async def show_link_form(request: web.Request) -> web.Response:
    """The empty form."""
    return _form(request, {}, {})


async def take_link_form(request: web.Request) -> web.Response:
    """Mail a link if device and address belong together; the answer is the same if not."""
    fields = await read_form(request)
    errors = {**device_id_error(request, fields), **_email_error(request, fields)}
    if errors:
        return _form(request, fields, errors)
    device = parse_device_id(clean_device_id(fields))
    await asyncio.gather(
        _post_link(request, device, fields["email"].strip()), asyncio.sleep(ANSWER_AFTER_SECONDS)
    )
    return no_store(see_other(SENT_PATH))


async def show_sent(request: web.Request) -> web.Response:
    """What to do next."""
    return render(request, "devices/link_sent.html", mails=bool(request.app[CONFIG].smtp.host))


async def _post_link(request: web.Request, device: int, email: str) -> None:
    if await judge_claim(request, device, lambda found: _is_on_record(email, found)) is None:
        return
    store = request.app[STORE]
    steps = post_sign_in_link(store.outbox, device, request[LANGUAGE], now_ms(request))
    log_posted([await store.driver.transact(steps)])


def _is_on_record(email: str, registrant: Registrant | None) -> bool:
    if registrant is None:
        return False
    return same_address(email, registrant.device.contact_email or registrant.device.order_email)


def _email_error(request: web.Request, fields: Mapping[str, str]) -> dict[str, str]:
    text = fields.get("email", "").strip()
    if not text:
        return {"email": words_of(request).gettext("Enter your e-mail address")}
    try:
        validate_email(text, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        return {"email": words_of(request).gettext("Enter an address like name@example.com")}
    return {}


def _form(request: web.Request, fields: Mapping[str, str], errors: Mapping[str, str]) -> web.Response:
    entered = {"device_id": clean_device_id(fields), "email": fields.get("email", "")}
    status = 422 if errors else 200
    return no_store(render(request, "devices/signin_link.html", status, entered=entered, errors=errors))
