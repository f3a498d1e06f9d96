"""The page after the form: the secret once, what will arrive, how to check it, and a test."""

from dataclasses import replace

from aiohttp import web

from relay.domain.endpoint import Endpoint
from relay.domain.sample import USUAL_SAMPLE, sample_body, sample_headers
from relay.forms.receipt import Receipt, read_receipt, with_trial, write_receipt
from relay.forms.views import DONE_PATH
from relay.web.body import read_form
from relay.web.causes import cause_sentence
from relay.web.curl import curl_command
from relay.web.keys import CONFIG, NOW, STORE, TRY_OUT
from relay.web.pages import no_store, render, see_other, words_of


async def show_done(request: web.Request) -> web.Response:
    """The secret is on the first page only: the cookie that comes with it does not show it again."""
    found = await read_receipt(request)
    if found is None:
        return no_store(render(request, "forms/nothing_done.html"))
    receipt, endpoint = found
    page = render(request, "forms/done.html", 200, **await _values(request, receipt, endpoint))
    return write_receipt(request, no_store(page), replace(receipt, shows_secret=False))


async def send_test(request: web.Request) -> web.Response:
    """Send one test message; its result is on the page to which this leads."""
    await read_form(request)
    found = await read_receipt(request)
    if found is None:
        return see_other(DONE_PATH)
    receipt, endpoint = found
    outcome = await request.app[TRY_OUT](endpoint, USUAL_SAMPLE)
    return write_receipt(request, no_store(see_other(f"{DONE_PATH}#test")), with_trial(receipt, outcome))


async def _values(request: web.Request, receipt: Receipt, endpoint: Endpoint) -> dict[str, object]:
    device = await request.app[STORE].find_device(endpoint.device)
    label = device.label if device else f"{endpoint.device:X}"
    now = int(request.app[NOW]())
    body = sample_body(label, now)
    headers = sample_headers(endpoint.secret, body, now)
    return {
        "receipt": receipt,
        "device": label,
        "url": endpoint.url,
        "is_plain_http": endpoint.url.lower().startswith("http:"),
        "secret": endpoint.secret if receipt.shows_secret else None,
        "body": body.decode(),
        "headers": "\n".join(f"{name}: {value}" for name, value in headers.items()),
        "curl": curl_command(endpoint.url, headers, body),
        "timeout": f"{request.app[CONFIG].forwarder.timeout:g}",
        "trial_sentence": _trial_sentence(request, receipt),
    }


def _trial_sentence(request: web.Request, receipt: Receipt) -> str:
    """Why the test message did not arrive; empty when it did, or when none was sent."""
    if receipt.trial is None or receipt.trial.cause is None:
        return ""
    return cause_sentence(
        words_of(request), receipt.trial.cause, host=receipt.host, status=receipt.trial.status
    )
