"""What an owner does on the page of a webhook."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from aiohttp import web

from relay.device_pages.endpoint_actions import try_sample
from relay.device_pages.frame import Tab, done
from relay.device_pages.owned import Owned
from relay.device_pages.sample_form import read_sample_form
from relay.device_pages.webhook import (
    Webhook,
    add_page,
    arrangement_of,
    chosen,
    fresh_secret,
    list_webhooks,
    webhook_page,
)
from relay.device_pages.webhook_form import judged, read_webhook_form
from relay.device_pages.webhook_preview import preview_webhook
from relay.domain.activity import Action
from relay.domain.endpoint_options import EndpointOptions, EndpointSettings
from relay.domain.target import parse_target
from relay.store.activity import noted
from relay.store.arranging import NewEndpoint, remove_some, when_removed
from relay.store.binding import Moved
from relay.store.endpoints import Backlog, Endpoints
from relay.store.outbox import log_posted
from relay.store.rotating import BOTH_SIGN_SECONDS, rotate_secret
from relay.store.webhooks import add_webhook, set_webhook, when_set
from relay.web.activity import deed_of, note
from relay.web.catalogue import phrase
from relay.web.keys import STORE, TARGET_POLICY
from relay.web.pages import no_store
from relay.web.webhook_url import PASTED, url_fault, url_fault_sentence, without_credentials

_log = logging.getLogger(__name__)

Fields = Mapping[str, str]
Act = Callable[[web.Request, Owned, Sequence[Webhook], Webhook, Fields], Awaitable[web.Response]]


async def act_on_webhook(request: web.Request, owned: Owned, fields: dict[str, str]) -> web.Response:
    """Do what the button says that was pressed."""
    act = _ACTS.get(fields.get("do", ""))
    if act is None:
        raise web.HTTPBadRequest
    listed = await list_webhooks(request, owned)
    return await act(request, owned, listed, chosen(request, listed), fields)


async def add(request: web.Request, owned: Owned, fields: dict[str, str]) -> web.Response:
    """Add a webhook with the plain settings, and go to its page."""
    listed = await list_webhooks(request, owned)
    url, policy = fields.get("url", "").strip(PASTED), request.app[TARGET_POLICY]
    if fault := url_fault(url, policy):
        errors = {"url": url_fault_sentence(owned.show.words, fault, url)}
        shown = without_credentials(url)
        return await add_page(request, owned, listed, status=422, url=shown, errors=errors)
    host = parse_target(url, policy).raw_host or ""
    new = NewEndpoint(
        device=owned.device.number, url=url, host=host, secret=fresh_secret(), settings=EndpointSettings()
    )
    store = request.app[STORE]
    steps = add_webhook(new, store.outbox, owned.now_ms, store.writer.new_webhook_id)
    deed = deed_of(request, owned.device.number, Action.WEBHOOK_ADDED, host=host)
    endpoint, posted = await store.driver.transact(noted(steps, deed, when_set))
    if endpoint is None:
        return await add_page(request, owned, await list_webhooks(request, owned), status=422, url=url)
    log_posted(posted)
    sentence = owned.say(phrase("The webhook is there. Its signing secret is below."))
    return done(request, f"{owned.path}/{Tab.WEBHOOK}/{endpoint.id}", sentence)


async def remove(request: web.Request, owned: Owned, _: dict[str, str]) -> web.Response:
    """Remove a webhook; what was not delivered to it is given up, and stays listed."""
    one = chosen(request, await list_webhooks(request, owned))
    driver = request.app[STORE].driver
    deed = deed_of(request, owned.device.number, Action.WEBHOOK_REMOVED, host=one.summary.host)
    await Endpoints(driver).pause(one.summary.id)
    done_all = False
    while not done_all:
        steps = noted(remove_some(one.summary.id, owned.now_ms), deed, when_removed)
        done_all = (await driver.transact(steps)).done
    _log.info("endpoint.removed", extra={"endpoint": one.summary.id})
    return done(request, f"{owned.path}/{Tab.WEBHOOK}", owned.say(phrase("The webhook is removed.")))


async def _preview(
    request: web.Request, owned: Owned, listed: Sequence[Webhook], one: Webhook, fields: Fields
) -> web.Response:
    """The page with what was typed and what would be sent; nothing is saved."""
    found = await arrangement_of(request, one)
    form, settings = judged(read_webhook_form(fields), found.settings, owned, request.app[TARGET_POLICY])
    if form.errors:
        return await webhook_page(request, owned, listed, one, status=422, form=form)
    shown = await preview_webhook(request, owned, settings.options, form.url)
    return await webhook_page(request, owned, listed, one, form=form, preview=shown)


async def _save(
    request: web.Request, owned: Owned, listed: Sequence[Webhook], one: Webhook, fields: Fields
) -> web.Response:
    found, policy = await arrangement_of(request, one), request.app[TARGET_POLICY]
    form, settings = judged(read_webhook_form(fields), found.settings, owned, policy)
    if form.errors:
        return await webhook_page(request, owned, listed, one, status=422, form=form)
    moved = None
    if form.url != found.endpoint.url:
        host = parse_target(form.url, policy).raw_host or ""
        moved = Moved(url=form.url, host=host, fresh_secret=fresh_secret())
    after = await _set(request, owned, one, settings, moved)
    if form.ordered != one.summary.ordered:
        await Endpoints(request.app[STORE].driver).set_ordered(one.summary.id, form.ordered)
    left = after.left_of(found.settings.options) if moved and moved.host != one.summary.host else []
    return _back(request, owned, one, f"{_saved(owned, one, moved)} {_left(owned, left)}".rstrip())


async def _set(
    request: web.Request, owned: Owned, one: Webhook, settings: EndpointSettings, moved: Moved | None
) -> EndpointOptions:
    store, device = request.app[STORE], owned.device.number
    steps = set_webhook(one.summary.id, settings, moved, store.outbox, owned.now_ms)
    deed = deed_of(request, device, Action.WEBHOOK_SET, host=one.summary.host)
    if moved is not None:
        deed = deed_of(request, device, Action.URL_CHANGED, host=moved.host, before=one.summary.host)
    after, posted = await store.driver.transact(noted(steps, deed, when_set))
    if after is None:
        raise web.HTTPNotFound
    log_posted(posted)
    _log.info("endpoint.arranged", extra={"endpoint": one.summary.id, "moved": moved is not None})
    return after.settings.options


def _left(owned: Owned, left: Sequence[str]) -> str:
    sentence = phrase("The headers that you had set for the old server are not sent to the new one.")
    return owned.say(sentence) if left else ""


def _saved(owned: Owned, one: Webhook, moved: Moved | None) -> str:
    if moved is None:
        return owned.say(phrase("Saved."))
    if moved.host == one.summary.host:
        return owned.say(phrase("Saved. Messages go to the new address from now on."))
    return owned.say(
        phrase("Saved. Messages go to %(host)s from now on, and another secret signs them."), host=moved.host
    )


async def _test(
    request: web.Request, owned: Owned, listed: Sequence[Webhook], one: Webhook, fields: Fields
) -> web.Response:
    """Send the sample as it was edited, and show on the same page what came of it."""
    form, sample = read_sample_form(fields, owned)
    if sample is None:
        return await webhook_page(request, owned, listed, one, status=422, sample=form)
    endpoint = (await arrangement_of(request, one)).endpoint
    trial = await try_sample(request, owned, endpoint, one.summary.host, sample)
    return await webhook_page(request, owned, listed, one, sample=form, trial=trial)


async def _pause(
    request: web.Request, owned: Owned, _: Sequence[Webhook], one: Webhook, __: Fields
) -> web.Response:
    deed = deed_of(request, owned.device.number, Action.PAUSED, host=one.summary.host)
    await Endpoints(request.app[STORE].driver).pause(one.summary.id, deed)
    _log.info("endpoint.paused", extra={"endpoint": one.summary.id})
    return _back(request, owned, one, owned.say(phrase("Paused. What comes is held, nothing gets lost.")))


async def _resume(
    request: web.Request, owned: Owned, _: Sequence[Webhook], one: Webhook, fields: Fields
) -> web.Response:
    backlog = fields.get("backlog", Backlog.ALL)
    if backlog not in list(Backlog):
        raise web.HTTPBadRequest
    endpoints = Endpoints(request.app[STORE].driver)
    deed = deed_of(request, owned.device.number, Action.RESUMED, host=one.summary.host)
    given_up = await endpoints.resume(one.summary.id, Backlog(backlog), owned.now_ms, deed)
    _log.info("endpoint.resumed", extra={"endpoint": one.summary.id, "given_up": given_up})
    return _back(request, owned, one, _resumed(owned, given_up))


def _resumed(owned: Owned, given_up: int) -> str:
    sentence = owned.say(phrase("Messages are sent again."))
    if not given_up:
        return sentence
    dropped = owned.show.words.ngettext(
        "%(num)s held message was given up; it stays listed.",
        "%(num)s held messages were given up; they stay listed.",
        given_up,
    ) % {"num": owned.show.number(given_up)}
    return f"{sentence} {dropped}"


async def _reveal(
    request: web.Request, owned: Owned, listed: Sequence[Webhook], one: Webhook, _: Fields
) -> web.Response:
    await note(request, owned.device.number, Action.SECRET_REVEALED, host=one.summary.host)
    return no_store(await webhook_page(request, owned, listed, one, shows_secret=True))


async def _rotate(
    request: web.Request, owned: Owned, _: Sequence[Webhook], one: Webhook, __: Fields
) -> web.Response:
    store = request.app[STORE]
    steps = rotate_secret(one.summary.id, fresh_secret(), store.vault, owned.now_ms)
    deed = deed_of(request, owned.device.number, Action.SECRET_ROTATED, host=one.summary.host)
    if await store.driver.transact(noted(steps, deed)) is None:
        raise web.HTTPNotFound
    until = owned.show.plain_time(owned.now_ms + BOTH_SIGN_SECONDS * 1000, "minute")
    sentence = phrase("A new secret signs from now on. The old one signs as well until %(time)s.")
    return _back(request, owned, one, owned.say(sentence, time=until))


def _back(
    request: web.Request, owned: Owned, one: Webhook, sentence: str, kind: str = "good"
) -> web.Response:
    return done(request, f"{owned.path}/{Tab.WEBHOOK}/{one.summary.id}", sentence, kind)


_ACTS: Mapping[str, Act] = {
    "preview": _preview,
    "save": _save,
    "test": _test,
    "pause": _pause,
    "resume": _resume,
    "reveal": _reveal,
    "rotate": _rotate,
}
