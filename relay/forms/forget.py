"""Taking a registration back: the page that asks for proof, and the one that says what is gone."""

import asyncio
import logging
from collections.abc import Mapping

from aiohttp import web

from relay.forms.claims import error_sentences, is_owner, wrong_pair
from relay.forms.registration import Claim, FieldErrors, entered_values, read_claim
from relay.store.erasing import erase_device
from relay.web.body import read_form
from relay.web.keys import NOW, STORE
from relay.web.pages import no_store, render, see_other

_log = logging.getLogger(__name__)

FORGET_PATH = "/form/delete"
FORGOTTEN_PATH = "/form/deleted"


async def show_forget(request: web.Request) -> web.Response:
    """The empty page."""
    return render(request, "forms/forget.html", entered=entered_values({}), errors={}, pair_error="")


async def take_forget(request: web.Request) -> web.Response:
    """Erase what there is of the device's owner; or show the page again with what is wrong."""
    fields = await read_form(request)
    claim = read_claim(fields)
    if not isinstance(claim, Claim):
        return _show_again(request, fields, errors=claim)
    if not await is_owner(request, claim):
        return _show_again(request, fields, pair_error=wrong_pair(request))
    now_ms = round(request.app[NOW]() * 1000)
    # Once begun it goes on, also when the browser does not wait.
    await asyncio.shield(erase_device(request.app[STORE].driver, claim.device, now_ms))
    _log.info("device.erased", extra={"device": f"{claim.device:X}"})
    return no_store(see_other(FORGOTTEN_PATH))


async def show_forgotten(request: web.Request) -> web.Response:
    """What is gone, and what is not."""
    return render(request, "forms/forgotten.html")


def _show_again(
    request: web.Request,
    fields: Mapping[str, str],
    *,
    errors: FieldErrors | None = None,
    pair_error: str = "",
) -> web.Response:
    entered = entered_values(fields)
    sentences = error_sentences(request, errors or {}, entered)
    page = render(request, "forms/forget.html", 422, entered=entered, errors=sentences, pair_error=pair_error)
    return no_store(page)
