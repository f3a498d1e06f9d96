"""What an owner asks for with the form: the endpoint is bound and those concerned are told, or neither."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from relay.domain.activity import Action, Deed, Doer
from relay.domain.endpoint import Endpoint
from relay.domain.letter import EmailChanged, Occasion, Registered, UrlChanged, same_address
from relay.logs import mask_email
from relay.store.activity import write_activity
from relay.store.binding import Wanted, bind_endpoint, open_endpoint
from relay.store.driver import Do, Steps
from relay.store.outbox import Before, Letter, LinkTarget, Outbox, Posted
from relay.store.records import Binding
from relay.store.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class _OnRecord:
    """What the store knew before the form came; `address` is where the owner is told."""

    address: str
    contact: str
    language: str
    endpoint: Endpoint | None
    host: str

    def before(self) -> Before | None:
        """What undoing restores; None where there was nothing yet."""
        if self.endpoint is None:
            return None
        return Before(
            url=self.endpoint.url,
            secret=self.endpoint.secret,
            host=self.host,
            email=self.contact,
            language=self.language,
            headers=self.endpoint.options.headers,
        )


def register(
    wanted: Wanted,
    outbox: Outbox,
    now_ms: int,
    new_webhook_id: Callable[[], str],
    doer: Doer | None = None,
) -> Steps[tuple[Binding, list[Posted]]]:
    """Bind the endpoint and write to the address on record, and to the new one if it is another."""
    yield Do("change_ways")
    known = yield from _on_record(wanted.device, outbox.vault)
    binding = yield from bind_endpoint(wanted, outbox.vault, now_ms, new_webhook_id)
    if doer is not None:
        for action, facts in _done(wanted, known, binding):
            yield from write_activity(
                Deed(device=wanted.device, doer=doer, action=action, at_ms=now_ms, facts=facts)
            )
    posted = []
    for letter in _letters(wanted, known, binding):
        posted.append((yield from outbox.post(letter, now_ms)))
    return binding, posted


def _done(wanted: Wanted, known: _OnRecord, binding: Binding) -> Iterator[tuple[Action, Mapping[str, str]]]:
    """What the form changed."""
    if binding.created:
        yield Action.REGISTERED, {"host": wanted.host}
    elif binding.changed:
        yield Action.URL_CHANGED, {"host": wanted.host, "before": known.host}
    if known.address and not same_address(known.address, wanted.email):
        yield Action.EMAIL_CHANGED, {"email": mask_email(wanted.email)}


def _on_record(device: int, vault: Vault) -> Steps[_OnRecord]:
    owner = (yield Do("read_device", [{"number": device}]))[0]
    rows = yield Do("first_endpoint_of_device", [{"device": device}])
    return _OnRecord(
        address=owner["contact_email"] or owner["order_email"],
        contact=owner["contact_email"],
        language=owner["language"],
        endpoint=open_endpoint(rows[0], vault) if rows else None,
        host=rows[0]["host"] if rows else "",
    )


def _letters(wanted: Wanted, known: _OnRecord, binding: Binding) -> list[Letter]:
    """The one to the address on record can undo the change."""
    moved = bool(known.address) and not same_address(known.address, wanted.email)
    occasion = _occasion(wanted, known, binding, moved)
    if occasion is None:
        return []
    target = LinkTarget(endpoint_id=binding.endpoint.id)
    to_new = Letter(
        device=wanted.device,
        recipient=wanted.email,
        language=wanted.language,
        occasion=occasion,
        target=target,
        steers=not moved,
    )
    to_known = replace(
        to_new,
        recipient=known.address or wanted.email,
        language=known.language if moved else wanted.language,
        target=replace(target, before=known.before()),
        steers=True,
    )
    return [to_known, to_new] if moved else [to_known]


def _occasion(wanted: Wanted, known: _OnRecord, binding: Binding, moved: bool) -> Occasion | None:
    new_email = mask_email(wanted.email) if moved else ""
    if binding.created:
        return Registered(host=wanted.host, waiting=binding.waiting)
    if binding.changed:
        return UrlChanged(
            old_host=known.host,
            new_host=wanted.host,
            new_email=new_email,
            headers_left=binding.headers_left,
        )
    return EmailChanged(host=wanted.host, new_email=new_email) if moved else None
