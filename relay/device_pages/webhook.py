"""The page of a device's webhooks: where messages go, in which format, and how each webhook fares."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from relay.device_pages.endpoint_actions import Trial
from relay.device_pages.frame import Tab, device_page
from relay.device_pages.owned import Owned
from relay.device_pages.sample_form import USUAL_FORM, SampleForm
from relay.device_pages.webhook_form import WebhookForm, form_of
from relay.device_pages.webhook_preview import WebhookPreview, preview_webhook
from relay.device_pages.webhook_state import WebhookState, backlog_choices, webhook_state
from relay.domain.checked_options import MOST_HEADERS
from relay.domain.device_status import EndpointFacts
from relay.domain.endpoint_options import KINDS, MASK, MOST_ENDPOINTS
from relay.domain.signing import SECRET_BYTES, make_secret
from relay.store.activity import Entry, read_address_changes
from relay.store.arranging import Arranged, arranged
from relay.store.device_facts import read_device_facts
from relay.store.endpoints import Endpoints, EndpointSummary
from relay.web.activity import told
from relay.web.keys import STORE

ENDPOINT = r"{endpoint:\d{1,18}}"
MOST_BLANK_HEADERS = 2
ADDRESS_CHANGES = 10
"""How many of them are listed."""
SHOWN_OF_SECRET = 4
HIDDEN_AFTER_SECONDS = 60
"""How long a secret stays on the screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One webhook with all that its page tells."""

    summary: EndpointSummary
    facts: EndpointFacts
    state: WebhookState


async def show_webhook(request: web.Request, owned: Owned) -> web.Response:
    """The webhook of the path, else the first; without any, the form that adds one."""
    listed = await list_webhooks(request, owned)
    if not listed and "endpoint" not in request.match_info:
        return await add_page(request, owned, listed)
    return await webhook_page(request, owned, listed, chosen(request, listed))


async def show_add(request: web.Request, owned: Owned) -> web.Response:
    """The form that adds one."""
    return await add_page(request, owned, await list_webhooks(request, owned))


async def show_remove(request: web.Request, owned: Owned) -> web.Response:
    """What goes with a webhook, in numbers."""
    listed = await list_webhooks(request, owned)
    one = chosen(request, listed)
    return await device_page(
        request,
        owned,
        Tab.WEBHOOK,
        "devices/webhook_remove.html",
        webhook=one,
        open_count=one.facts.waiting + one.facts.held,
        is_last=len(listed) == 1,
    )


async def list_webhooks(request: web.Request, owned: Owned) -> Sequence[Webhook]:
    """All of a device, in their order."""
    store = request.app[STORE]
    facts = await store.driver.transact(read_device_facts(owned.device.number))
    by_id = {one.id: one for one in facts.endpoints}
    return [
        Webhook(summary=one, facts=by_id[one.id], state=webhook_state(owned, one, by_id[one.id]))
        for one in await Endpoints(store.driver).of_device(owned.device.number)
        if one.id in by_id
    ]


def chosen(request: web.Request, listed: Sequence[Webhook]) -> Webhook:
    """The one of the path, else the first.

    Raises:
        web.HTTPNotFound: The device has no such webhook.
    """
    wanted = request.match_info.get("endpoint")
    found = [one for one in listed if wanted is None or one.summary.id == int(wanted)]
    if not found:
        raise web.HTTPNotFound
    return found[0]


async def arrangement_of(request: web.Request, one: Webhook) -> Arranged:
    """A webhook with its secrets.

    Raises:
        web.HTTPNotFound: It is gone.
    """
    store = request.app[STORE]
    found = await store.driver.transact(arranged(one.summary.id, store.vault))
    if found is None:
        raise web.HTTPNotFound
    return found


async def webhook_page(
    request: web.Request,
    owned: Owned,
    listed: Sequence[Webhook],
    one: Webhook,
    *,
    status: int = 200,
    form: WebhookForm | None = None,
    preview: WebhookPreview | None = None,
    shows_secret: bool = False,
    sample: SampleForm = USUAL_FORM,
    trial: Trial | None = None,
) -> web.Response:
    """The page of one webhook; `form` is what was typed, else the form shows what is set."""
    found = await arrangement_of(request, one)
    endpoint = found.endpoint
    if form is None:
        form = form_of(found, one.summary.ordered)
        preview = await preview_webhook(request, owned, found.settings.options, endpoint.url)
    until_ms = endpoint.previous_secret_until_ms if endpoint.previous_secret else 0
    return await device_page(
        request,
        owned,
        Tab.WEBHOOK,
        "devices/webhook.html",
        status,
        webhooks=listed,
        webhook=one,
        here=f"{owned.path}/{Tab.WEBHOOK}/{one.summary.id}",
        backlog_choices=backlog_choices(owned, one.facts.held),
        form=form,
        errors={**sample.errors, **form.errors},
        sample=sample,
        trial=trial,
        header_rows=header_rows(form),
        stored_headers={name.lower() for name, _ in found.settings.options.headers},
        kinds=KINDS,
        preview=preview,
        secret=endpoint.secret if shows_secret else "",
        masked_secret=masked_secret(endpoint.secret),
        hidden_after_seconds=HIDDEN_AFTER_SECONDS,
        shows_secret=shows_secret,
        both_sign_until_ms=until_ms if until_ms > owned.now_ms else 0,
        is_plain_http=endpoint.url.lower().startswith("http:"),
        history=told(owned.show.words, await _history(request, owned)),
        may_add=len(listed) < MOST_ENDPOINTS,
    )


async def _history(request: web.Request, owned: Owned) -> Sequence[Entry]:
    steps = read_address_changes(owned.device.number, ADDRESS_CHANGES)
    return await request.app[STORE].driver.transact(steps)


async def add_page(
    request: web.Request,
    owned: Owned,
    listed: Sequence[Webhook],
    *,
    status: int = 200,
    url: str = "",
    errors: dict[str, str] | None = None,
) -> web.Response:
    """The form that adds a webhook."""
    return await device_page(
        request,
        owned,
        Tab.WEBHOOK,
        "devices/webhook_add.html",
        status,
        webhooks=listed,
        url=url,
        errors=errors or {},
        is_full=len(listed) >= MOST_ENDPOINTS,
        most=MOST_ENDPOINTS,
    )


def header_rows(form: WebhookForm) -> list[tuple[str, str]]:
    """What was typed, and some empty rows."""
    blank = min(MOST_BLANK_HEADERS, MOST_HEADERS - len(form.headers))
    return [*form.headers, *([("", "")] * blank)]


def masked_secret(secret: str) -> str:
    """Enough to tell one from another: `whsec_••••••3f9a`."""
    start, _, rest = secret.partition("_")
    return f"{start}_{MASK}{rest[-SHOWN_OF_SECRET:]}"


def fresh_secret() -> str:
    """A new one."""
    return make_secret(secrets.token_bytes(SECRET_BYTES))
