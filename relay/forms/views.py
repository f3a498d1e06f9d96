"""The form: register a device, or change where its messages go."""

import logging
from collections.abc import Mapping

from aiohttp import web

from relay.domain.activity import Actor, Doer
from relay.domain.own_bin import bin_url
from relay.domain.sample import USUAL_SAMPLE
from relay.forms.claims import error_sentences, is_owner, wrong_pair
from relay.forms.receipt import receipt_of, with_trial, write_receipt
from relay.forms.registration import Field, FieldErrors, Registration, entered_values, read_registration
from relay.store.records import Binding
from relay.web.activity import address_of
from relay.web.body import read_form
from relay.web.keys import CONFIG, NOW, STORE, TARGET_POLICY, TRY_OUT
from relay.web.pages import no_store, render, see_other
from relay.web.preferences import LANGUAGE
from relay.web.sessions import sign_in

_log = logging.getLogger(__name__)

DONE_PATH = "/form/done"


async def show_form(request: web.Request) -> web.Response:
    """The empty form, but for the address of the request bin from which somebody comes."""
    url = bin_url(request.app[CONFIG].public_url, request.query.get("bin", ""))
    entered = entered_values({Field.WEBHOOK_URL: url})
    return render(request, "forms/form.html", entered=entered, errors={}, pair_error="", send_test=True)


async def take_form(request: web.Request) -> web.Response:
    """Save, test if asked to, and go on to the next page; or show the form again with what is wrong."""
    fields = await read_form(request)
    registration = read_registration(fields, request.app[TARGET_POLICY])
    if not isinstance(registration, Registration):
        return _show_again(request, fields, errors=registration)
    if not await is_owner(request, registration):
        return _show_again(request, fields, pair_error=wrong_pair(request))
    receipt = receipt_of(binding := await _bind(request, registration), registration.host)
    if "send_test" in fields:
        # All is saved by now: a test that takes its full time only delays the next page.
        receipt = with_trial(receipt, await request.app[TRY_OUT](binding.endpoint, USUAL_SAMPLE))
    response = write_receipt(request, no_store(see_other(DONE_PATH)), receipt)
    await sign_in(request, response, registration.device)
    return response


async def _bind(request: web.Request, registration: Registration) -> Binding:
    binding = await request.app[STORE].bind_endpoint(
        device=registration.device,
        url=registration.url,
        host=registration.host,
        email=registration.email,
        language=request[LANGUAGE],
        now_ms=round(request.app[NOW]() * 1000),
        doer=Doer(actor=Actor.OWNER, address=address_of(request)),
    )
    facts = {"device": f"{registration.device:X}", "host": registration.host}
    _log.info("endpoint.bound", extra=facts | {"new": binding.created, "changed": binding.changed})
    return binding


def _show_again(
    request: web.Request,
    fields: Mapping[str, str],
    *,
    errors: FieldErrors | None = None,
    pair_error: str = "",
) -> web.Response:
    """The page holds the token that was typed, so no cache may keep it."""
    entered = entered_values(fields)
    page = render(
        request,
        "forms/form.html",
        422,
        entered=entered,
        errors=error_sentences(request, errors or {}, entered),
        pair_error=pair_error,
        send_test="send_test" in fields,
    )
    return no_store(page)
