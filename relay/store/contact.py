"""Where and in which language an owner gets mail; another address counts once its reader has confirmed it."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from relay.domain.letter import ConfirmEmail, EmailAsked, EmailChanged, same_address
from relay.logs import mask_email
from relay.store.binding import open_endpoint
from relay.store.driver import Do, Row, Steps
from relay.store.outbox import TARGET, Letter, LinkTarget, Outbox, Posted
from relay.store.sealed import LINK_TARGET
from relay.store.vault import CannotOpen, Vault
from relay.store.webhooks import tell_owner, undoing


class Asked(enum.Enum):
    """What became of the wish to get mail elsewhere."""

    LINK_SENT = enum.auto()
    SAME = enum.auto()  # it goes there already
    LIMITED = enum.auto()  # the device had its mails of this hour
    NO_SERVER = enum.auto()  # no link can be sent


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingEmail:
    """An address whose reader has not confirmed it yet."""

    email: str
    until_ms: int


def ask_email(device: int, email: str, outbox: Outbox, now_ms: int) -> Steps[tuple[Asked, list[Posted]]]:
    """Send a link to another address, and tell the one on record, which stays until the link is used.

    An earlier such link is void then.
    """
    yield Do("change_ways")
    owner = (yield Do("read_device", [{"number": device}]))[0]
    if same_address(_known(owner), email):
        return Asked.SAME, []
    if not (yield from outbox.has_room(device, 2, now_ms)):
        return Asked.LIMITED, []
    yield from void_email_asks(device, now_ms)
    letter = Letter(
        device=device,
        recipient=email,
        language=owner["language"],
        occasion=ConfirmEmail(),
        target=LinkTarget(endpoint_id=0, email=email),
    )
    posted = [(yield from outbox.post(letter, now_ms))]
    if not outbox.has_server:
        return Asked.NO_SERVER, posted
    told = yield from tell_owner(owner, EmailAsked(new_email=mask_email(email)), None, outbox, now_ms)
    return Asked.LINK_SENT, [*posted, *told]


def when_sent(answer: tuple[Asked, list[Posted]]) -> Mapping[str, str] | None:
    """For `noted`: nothing was done unless there is a link."""
    return {} if answer[0] is Asked.LINK_SENT else None


def confirm_email(device: int, email: str, outbox: Outbox, now_ms: int) -> Steps[list[Posted]]:
    """Mail about the device goes to another address; the one on record is told, and can undo it."""
    yield Do("change_ways")
    owner = (yield Do("read_device", [{"number": device}]))[0]
    yield Do("set_contact", [{"number": device, "contact_email": email, "language": owner["language"]}])
    if same_address(_known(owner), email):
        return []
    rows = yield Do("first_endpoint_of_device", [{"device": device}])
    host = rows[0]["host"] if rows else ""
    occasion = EmailChanged(host=host, new_email=mask_email(email))
    target = undoing(open_endpoint(rows[0], outbox.vault), host, owner) if rows else None
    return (yield from tell_owner(owner, occasion, target, outbox, now_ms))


def void_email_asks(device: int, now_ms: int) -> Steps[bool]:
    """Let no link confirm another address; false when there was none."""
    return bool((yield Do("void_email_asks", [{"device": device, "now_ms": now_ms}])))


def pending_email(device: int, vault: Vault, now_ms: int) -> Steps[PendingEmail | None]:
    """The address that waits to be confirmed."""
    rows = yield Do("open_email_asks", [{"device": device, "now_ms": now_ms}])
    return _pending(rows[0], vault) if rows else None


def set_language(device: int, language: str) -> Steps[None]:
    """Mails about the device are written in another language."""
    owner = (yield Do("read_device", [{"number": device}]))[0]
    contact = {"number": device, "contact_email": owner["contact_email"], "language": language}
    yield Do("set_contact", [contact])


def _known(owner: Row) -> str:
    known: str = owner["contact_email"] or owner["order_email"]
    return known


def _pending(row: Row, vault: Vault) -> PendingEmail | None:
    try:
        target = TARGET.validate_json(vault.open(row["target_sealed"], LINK_TARGET.of_row(row["id"])))
    except CannotOpen:
        return None
    return PendingEmail(email=target.email, until_ms=row["expires_at_ms"])
