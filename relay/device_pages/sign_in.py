"""Signing in with device ID and token, and signing out."""

import logging
import re
from collections.abc import Mapping

from aiohttp import web

from relay.device_pages.owned import SIGN_IN_PATH, Owned
from relay.domain.activity import Action
from relay.domain.device import parse_device_id
from relay.store.records import Registrant
from relay.web.activity import deed_of
from relay.web.body import read_form
from relay.web.catalogue import phrase
from relay.web.flash import drop_flash, put_flash, read_flash
from relay.web.keys import CONFIG, STORE, VAULT
from relay.web.owners import judge_claim, renew_digest
from relay.web.pages import no_store, render, see_other, words_of
from relay.web.sessions import end_cookie, find_session, session_token, sessions_of, sign_in

_log = logging.getLogger(__name__)

MAX_TOKEN_CHARACTERS = 200
_NEXT = re.compile(r"/devices/([0-9A-Fa-f]{1,8})(?![0-9A-Za-z])[!-\[\]-~]*")

WRONG_PAIR = phrase("This device ID and token do not belong together. Check both on the card.")
WRONG_PAIR_WITH_CONTACT = phrase(
    "This device ID and token do not belong together. Check both on the card, or ask %(contact)s."
)


async def show_sign_in(request: web.Request) -> web.Response:
    """The empty form."""
    return _form(request, {"next": request.query.get("next", "")})


async def take_sign_in(request: web.Request) -> web.Response:
    """Sign in and go where the reader wanted to; or show the form again with what is wrong."""
    fields = await read_form(request)
    errors = {**device_id_error(request, fields), **_token_error(request, fields)}
    if errors:
        return _form(request, fields, errors=errors)
    registrant = await _owner(request, parse_device_id(clean_device_id(fields)), fields["token"].strip())
    if registrant is None:
        return _form(request, fields, pair_error=_wrong_pair(request))
    device = registrant.device
    response = no_store(see_other(_way_on(fields.get("next", ""), device.number, device.label)))
    await sign_in(request, response, device.number)
    _log.info("owner.signed_in", extra={"device": f"{device.number:X}"})
    return response


async def sign_out(request: web.Request) -> web.Response:
    """End this session."""
    await read_form(request)
    await sessions_of(request).sign_out(session_token(request))
    return _signed_out(request, phrase("You are signed out."))


async def sign_out_everywhere(request: web.Request, owned: Owned, _: dict[str, str]) -> web.Response:
    """End all sessions that see a device, this one as well."""
    deed = deed_of(request, owned.device.number, Action.SIGNED_OUT_EVERYWHERE)
    await sessions_of(request).sign_out_everywhere(owned.device.number, deed)
    _log.info("owner.signed_out_everywhere", extra={"device": f"{owned.device.number:X}"})
    return _signed_out(request, phrase("Nobody is signed in to your device any more, in no browser."))


async def show_devices(request: web.Request) -> web.Response:
    """Go to the device that somebody is signed in to; of several, to the first."""
    session = await find_session(request)
    if session is None:
        return no_store(see_other(SIGN_IN_PATH))
    return no_store(see_other(f"/devices/{session.devices[0].label}"))


def clean_device_id(fields: Mapping[str, str]) -> str:
    """The ID as it is meant: pasted in groups, in small letters."""
    text = fields.get("device_id", "").replace(" ", "").replace("\u00a0", "")
    return text.upper() if text.isascii() else text


def device_id_error(request: web.Request, fields: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the device ID, under its field's name."""
    text = clean_device_id(fields)
    if not text:
        return {"device_id": words_of(request).gettext("Enter the device ID")}
    try:
        parse_device_id(text)
    except ValueError:
        sentence = phrase("A device ID has 1 to 8 characters, only digits and letters A to F")
        return {"device_id": words_of(request).gettext(sentence)}
    return {}


def _token_error(request: web.Request, fields: Mapping[str, str]) -> dict[str, str]:
    token = fields.get("token", "").strip()
    if not token:
        return {"token": words_of(request).gettext("Enter the token")}
    if len(token) > MAX_TOKEN_CHARACTERS:
        sentence = phrase("A token has at most %(longest)s characters. You entered %(count)s.")
        facts = {"longest": MAX_TOKEN_CHARACTERS, "count": len(token)}
        return {"token": words_of(request).gettext(sentence) % facts}
    return {}


async def _owner(request: web.Request, device: int, token: str) -> Registrant | None:
    vault = request.app[VAULT]
    registrant = await judge_claim(
        request,
        device,
        lambda found: vault.token_matches(device, token, found.token_digest if found else None),
    )
    if registrant is not None:
        await renew_digest(request.app[STORE], token, registrant)
    return registrant


def _way_on(wanted: str, number: int, label: str) -> str:
    """Back to the page that was asked for, if it is one of this device; nowhere else."""
    match = _NEXT.fullmatch(wanted)
    return wanted if match and int(match[1], 16) == number else f"/devices/{label}"


def _wrong_pair(request: web.Request) -> str:
    contact = request.app[CONFIG].ui.contact
    sentence = WRONG_PAIR_WITH_CONTACT if contact else WRONG_PAIR
    return words_of(request).gettext(sentence) % {"contact": contact}


def _form(
    request: web.Request,
    fields: Mapping[str, str],
    *,
    errors: Mapping[str, str] | None = None,
    pair_error: str = "",
) -> web.Response:
    flash = read_flash(request)
    page = render(
        request,
        "devices/signin.html",
        422 if errors or pair_error else 200,
        entered={"device_id": clean_device_id(fields)},
        next=fields.get("next", ""),
        errors=errors or {},
        pair_error=pair_error,
        flash=flash,
    )
    if flash is not None:
        drop_flash(request, page)
    return no_store(page)


def _signed_out(request: web.Request, sentence: str) -> web.Response:
    response = no_store(see_other(SIGN_IN_PATH))
    end_cookie(request, response)
    return put_flash(request, response, words_of(request).gettext(sentence))
