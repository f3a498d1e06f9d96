"""What an owner does to a device's webhooks: done, and told by mail to the address on record, or neither."""

from collections.abc import Callable, Mapping

from relay.domain.endpoint import Endpoint
from relay.domain.endpoint_options import EndpointSettings
from relay.domain.letter import Occasion, Registered, UrlChanged, WebhookAdded
from relay.store.arranging import Arranged, NewEndpoint, add_endpoint, arrange, arranged
from relay.store.binding import Moved
from relay.store.driver import Do, Row, Steps
from relay.store.outbox import Before, Letter, LinkTarget, Outbox, Posted


def add_webhook(
    new: NewEndpoint, outbox: Outbox, now_ms: int, new_webhook_id: Callable[[], str]
) -> Steps[tuple[Endpoint | None, list[Posted]]]:
    """Add one; the letter holds a link that pauses it. None when the device has as many as it may."""
    others = yield Do("endpoints_of_device", [{"device": new.device}])
    endpoint = yield from add_endpoint(new, outbox.vault, now_ms, new_webhook_id)
    if endpoint is None:
        return None, []
    owner = (yield Do("read_device", [{"number": new.device}]))[0]
    occasion = WebhookAdded(host=new.host) if others else Registered(host=new.host)
    target = LinkTarget(endpoint_id=endpoint.id)
    return endpoint, (yield from tell_owner(owner, occasion, target, outbox, now_ms))


def set_webhook(
    endpoint_id: int, settings: EndpointSettings, moved: Moved | None, outbox: Outbox, now_ms: int
) -> Steps[tuple[Arranged | None, list[Posted]]]:
    """Set one, and point it elsewhere if it `moved`; then the letter holds a link that undoes that."""
    yield Do("change_ways")
    before = yield from arranged(endpoint_id, outbox.vault)
    after = yield from arrange(endpoint_id, settings, moved, outbox.vault, now_ms)
    if before is None or after is None or moved is None:
        return after, []
    owner = (yield Do("read_device", [{"number": before.endpoint.device}]))[0]
    left = moved.host != before.host and after.settings.options.left_of(before.settings.options)
    occasion = UrlChanged(old_host=before.host, new_host=moved.host, headers_left=bool(left))
    target = undoing(before.endpoint, before.host, owner)
    return after, (yield from tell_owner(owner, occasion, target, outbox, now_ms))


def when_set(answer: tuple[object | None, list[Posted]]) -> Mapping[str, str] | None:
    """For `noted`: nothing was done to a webhook that is not there."""
    return None if answer[0] is None else {}


def undoing(endpoint: Endpoint, host: str, owner: Row) -> LinkTarget:
    """What brings a webhook and its owner's address back to what they are now."""
    before = Before(
        url=endpoint.url,
        secret=endpoint.secret,
        host=host,
        email=owner["contact_email"],
        language=owner["language"],
        headers=endpoint.options.headers,
    )
    return LinkTarget(endpoint_id=endpoint.id, before=before)


def tell_owner(
    owner: Row, occasion: Occasion, target: LinkTarget | None, outbox: Outbox, now_ms: int
) -> Steps[list[Posted]]:
    """Write to the address on record, if there is one."""
    known = owner["contact_email"] or owner["order_email"]
    if not known:
        return []
    letter = Letter(
        device=owner["number"],
        recipient=known,
        language=owner["language"],
        occasion=occasion,
        target=target,
    )
    return [(yield from outbox.post(letter, now_ms))]
