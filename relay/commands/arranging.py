"""Commands about several endpoints of one device, and how each wants its messages."""

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from relay.commands.asked import Answer, Arguments, device_number
from relay.commands.context import CommandContext
from relay.domain.activity import Action
from relay.domain.endpoint_options import MOST_ENDPOINTS, EndpointSettings, Format, masked
from relay.domain.signing import SECRET_BYTES, make_secret
from relay.domain.target import parse_target
from relay.errors import RelayError
from relay.store.activity import noted
from relay.store.arranging import Arranged, NewEndpoint, add_endpoint, arranged, remove_some, when_removed
from relay.store.binding import Moved
from relay.store.endpoints import Endpoints
from relay.store.outbox import log_posted
from relay.store.webhooks import set_webhook, when_set
from relay.web.catalogue import read_catalogues
from relay.web.endpoint_changes import SettingsRefused, changed_settings
from relay.web.option_faults import fault_sentence, part_name
from relay.web.policy import target_policy

_log = logging.getLogger(__name__)


async def add_to_device(context: CommandContext, arguments: Arguments) -> Answer:
    """Add a webhook to a device; its signing secret is readable only in this answer."""
    number, url = device_number(arguments["device"]), arguments["url"]
    if await context.store.find_device(number) is None:
        raise RelayError(f"there is no device {arguments['device'].upper()}")
    new = NewEndpoint(
        device=number,
        url=url,
        host=_host(context, url),
        secret=make_secret(secrets.token_bytes(SECRET_BYTES)),
        settings=_changed(EndpointSettings(), arguments["settings"], url),
    )
    store = context.store
    steps = add_endpoint(new, store.vault, context.now_ms(), store.writer.new_webhook_id)
    deed = context.deed(number, Action.WEBHOOK_ADDED, host=new.host)
    endpoint = await store.driver.transact(noted(steps, deed))
    if endpoint is None:
        raise RelayError(
            f"device {arguments['device'].upper()} has {MOST_ENDPOINTS} webhooks, the most it may"
        )
    await _set_order(context, endpoint.id, arguments)
    _log.info("endpoint.added", extra={"endpoint": endpoint.id, "device": f"{number:X}"})
    return {"id": endpoint.id, "secret": endpoint.secret}


async def set_endpoint(context: CommandContext, arguments: Arguments) -> Answer:
    """Change how a webhook wants its messages, or its URL.

    `secret` is there when it is a new one, `headers_left` names those that are not sent to the new host.
    """
    before = await arrangement(context, arguments["id"])
    url = arguments["url"] or before.endpoint.url
    moved = _moved(context, before, url)
    settings = _changed(before.settings, arguments["settings"], url)
    steps = set_webhook(before.endpoint.id, settings, moved, context.store.outbox, context.now_ms())
    deed = context.deed(before.endpoint.device, Action.WEBHOOK_SET, host=before.host)
    if moved is not None:
        deed = context.deed(before.endpoint.device, Action.URL_CHANGED, host=moved.host, before=before.host)
    after, posted = await context.store.driver.transact(noted(steps, deed, when_set))
    log_posted(posted)
    if after is None:
        raise _unknown(arguments["id"])
    await _set_order(context, before.endpoint.id, arguments)
    _log.info("endpoint.arranged", extra={"endpoint": before.endpoint.id})
    fresh = after.endpoint.secret != before.endpoint.secret
    return {
        "id": before.endpoint.id,
        "secret": after.endpoint.secret if fresh else None,
        "headers_left": after.settings.options.left_of(before.settings.options) if fresh else [],
    }


def _moved(context: CommandContext, before: Arranged, url: str) -> Moved | None:
    if url == before.endpoint.url:
        return None
    fresh_secret = make_secret(secrets.token_bytes(SECRET_BYTES))
    return Moved(url=url, host=_host(context, url), fresh_secret=fresh_secret)


async def remove_endpoint(context: CommandContext, arguments: Arguments) -> Answer:
    """Remove a webhook; what was not delivered to it is given up, stays listed and can be looked at."""
    found = await arrangement(context, arguments["id"])
    endpoint = found.endpoint
    deed = context.deed(endpoint.device, Action.WEBHOOK_REMOVED, host=found.host)
    await Endpoints(context.store.driver).pause(endpoint.id)
    buried, done = 0, False
    while not done:
        steps = noted(remove_some(endpoint.id, context.now_ms()), deed, when_removed)
        step = await context.store.driver.transact(steps)
        buried, done = buried + step.buried, step.done
    _log.info("endpoint.removed", extra={"endpoint": endpoint.id, "given_up": buried})
    return {"id": endpoint.id, "given_up": buried}


async def arrangement(context: CommandContext, endpoint_id: int) -> Arranged:
    """An endpoint with its settings.

    Raises:
        RelayError: There is none with this id.
    """
    found = await context.store.driver.transact(arranged(endpoint_id, context.store.vault))
    if found is None:
        raise _unknown(endpoint_id)
    return found


def described(found: Arranged) -> Answer:
    """The settings without what may be secret."""
    settings, options = found.settings, found.settings.options
    facts: Answer = {
        "name": settings.name,
        "format": options.format,
        "kinds": list(settings.kinds),
        "awaits_radio": settings.awaits_radio,
        "headers": masked(dict(options.headers)),
    }
    if options.format is Format.TEMPLATE:
        facts |= {
            "method": options.method,
            "content_type": options.content_type,
            "body_template": options.body_template,
        }
    return facts


async def _set_order(context: CommandContext, endpoint_id: int, arguments: Arguments) -> None:
    if arguments.get("ordered") is not None:
        await Endpoints(context.store.driver).set_ordered(endpoint_id, bool(arguments["ordered"]))


def _changed(before: EndpointSettings, given: Mapping[str, Any], url: str) -> EndpointSettings:
    try:
        return changed_settings(before, given, url)
    except SettingsRefused as refused:
        words = read_catalogues(["en"])["en"]
        told = [f"{part_name(words, one.part)}: {fault_sentence(words, one)}" for one in refused.faults]
        raise RelayError("\n       ".join(told)) from refused


def _host(context: CommandContext, url: str) -> str:
    return parse_target(url, target_policy(context.config)).raw_host or ""


def _unknown(endpoint_id: int) -> RelayError:
    return RelayError(f"there is no webhook {endpoint_id}; `relay endpoint list` shows their numbers")
