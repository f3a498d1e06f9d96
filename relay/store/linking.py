"""The links in mails: looked at as often as one likes, used once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from relay.domain.activity import Action, Actor, Deed, Doer
from relay.domain.letter import ChangeUndone, LinkPurpose, same_address
from relay.logs import mask_email
from relay.store import tending
from relay.store.activity import write_activity
from relay.store.binding import open_endpoint, point
from relay.store.contact import confirm_email, void_email_asks
from relay.store.driver import Do, Driver, Row, Steps
from relay.store.outbox import TARGET, Before, Letter, LinkTarget, Outbox, Posted, log_posted, token_digest
from relay.store.sealed import LINK_TARGET
from relay.store.vault import CannotOpen, Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that can still be used; `host` is where the messages go now, empty where that is not asked."""

    id: int
    device: int
    device_label: str
    purpose: LinkPurpose
    created_at_ms: int
    target: LinkTarget
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The links of all devices. Every method may raise `StoreUnavailable`."""

    driver: Driver
    outbox: Outbox

    async def find(self, token: str, now_ms: int) -> Link | None:
        """A link by its token; None when there is none, or its time is over, or it was used."""
        return await self.driver.transact(_find(token, self.outbox.vault, now_ms))

    async def use(self, token: str, now_ms: int, address: str = "") -> Link | None:
        """Do what the link is for, unless it can no longer be used; the answer is as `find` gives it."""
        link, posted = await self.driver.transact(_use(token, self.outbox, now_ms, address))
        log_posted(posted)
        return link


def _find(token: str, vault: Vault, now_ms: int) -> Steps[Link | None]:
    rows = yield Do("find_link", [{"token_digest": token_digest(token), "now_ms": now_ms}])
    target = _target(rows[0], vault) if rows else None
    host = (yield from _host(target)) if target else None
    if target is None or host is None:
        return None
    return Link(
        id=rows[0]["id"],
        device=rows[0]["device"],
        device_label=rows[0]["label"],
        purpose=LinkPurpose(rows[0]["purpose"]),
        created_at_ms=rows[0]["created_at_ms"],
        target=target,
        host=host,
    )


def _host(target: LinkTarget) -> Steps[str | None]:
    """Of the endpoint; None when that is gone."""
    if not target.endpoint_id:
        return ""
    endpoints = yield Do("read_endpoint", [{"id": target.endpoint_id}])
    return endpoints[0]["host"] if endpoints else None


def _target(row: Row, vault: Vault) -> LinkTarget | None:
    try:
        return TARGET.validate_json(vault.open(row["target_sealed"], LINK_TARGET.of_row(row["id"])))
    except CannotOpen:
        return None


def _use(token: str, outbox: Outbox, now_ms: int, address: str) -> Steps[tuple[Link | None, list[Posted]]]:
    yield Do("change_ways")
    link = yield from _find(token, outbox.vault, now_ms)
    if link is None:
        return None, []
    yield Do("spend_link", [{"id": link.id, "now_ms": now_ms}])
    posted = yield from _act(link, outbox, now_ms)
    deed = _deed(link, now_ms, address)
    if deed is not None:
        yield from write_activity(deed)
    return link, posted


def _deed(link: Link, now_ms: int, address: str) -> Deed | None:
    """What is written down; None where whoever makes the session does so."""
    doing = _doing(link)
    if doing is None:
        return None
    doer = Doer(actor=Actor.LINK, address=address)
    return Deed(device=link.device, doer=doer, action=doing[0], at_ms=now_ms, facts=doing[1])


def _doing(link: Link) -> tuple[Action, Mapping[str, str]] | None:
    match link.purpose:
        case LinkPurpose.UNDO_CHANGE:
            return Action.CHANGE_UNDONE, {"host": link.target.before.host if link.target.before else ""}
        case LinkPurpose.PAUSE:
            return Action.PAUSED, {"host": link.host}
        case LinkPurpose.RESUME:
            return Action.RESUMED, {"host": link.host}
        case LinkPurpose.CONFIRM_EMAIL:
            return Action.EMAIL_CHANGED, {"email": mask_email(link.target.email)}
        case LinkPurpose.SIGN_IN:
            return None
        case _:
            assert_never(link.purpose)


def _act(link: Link, outbox: Outbox, now_ms: int) -> Steps[list[Posted]]:
    match link.purpose:
        case LinkPurpose.UNDO_CHANGE:
            assert link.target.before is not None  # noqa: S101 - it was made so
            return (yield from _undo(link, link.target.before, outbox, now_ms))
        case LinkPurpose.PAUSE:
            yield from tending.pause(link.target.endpoint_id)
        case LinkPurpose.RESUME:
            yield from tending.resume(link.target.endpoint_id)
        case LinkPurpose.CONFIRM_EMAIL:
            return (yield from confirm_email(link.device, link.target.email, outbox, now_ms))
        case LinkPurpose.SIGN_IN:
            pass  # whoever presses the button gets a session with the answer
        case _:
            assert_never(link.purpose)
    return []


def _undo(link: Link, before: Before, outbox: Outbox, now_ms: int) -> Steps[list[Posted]]:
    """Restore what was before the change, whatever came after it; what undoes later changes is void."""
    owner = (yield Do("read_device", [{"number": link.device}]))[0]
    yield from _point_back(link, before, outbox.vault, now_ms)
    contact = {"number": link.device, "contact_email": before.email, "language": before.language}
    yield Do("set_contact", [contact])
    yield from void_email_asks(link.device, now_ms)
    yield Do("void_later_undos", [{"device": link.device, "since_ms": link.created_at_ms, "now_ms": now_ms}])
    posted = []
    for letter in _undone(link, before, owner):
        posted.append((yield from outbox.post(letter, now_ms)))
    return posted


def _point_back(link: Link, before: Before, vault: Vault, now_ms: int) -> Steps[None]:
    """Headers that were set for another host meanwhile are not sent to this one."""
    present = open_endpoint((yield Do("read_endpoint", [{"id": link.target.endpoint_id}]))[0], vault)
    headers = present.options.headers if link.host == before.host else before.headers
    options = replace(present.options, headers=headers)
    endpoint = replace(present, url=before.url, secret=before.secret, options=options)
    yield from point(endpoint, before.host, vault, now_ms)


def _undone(link: Link, before: Before, owner: Row) -> list[Letter]:
    """Who is on record again and who was until now are told; nobody gets a link that undoes the undoing."""
    to_restored = Letter(
        device=link.device,
        recipient=before.email or owner["order_email"],
        language=before.language,
        occasion=ChangeUndone(host=before.host),
        target=LinkTarget(endpoint_id=link.target.endpoint_id),
    )
    to_other = replace(to_restored, recipient=owner["contact_email"], language=owner["language"])
    if same_address(to_other.recipient, to_restored.recipient):
        return [to_restored]
    return [letter for letter in (to_restored, to_other) if letter.recipient]
