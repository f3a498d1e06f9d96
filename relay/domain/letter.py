"""What owners are told by mail, and the links that such a mail may hold."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from relay.domain.delivery import Cause
from relay.domain.device_event import DeviceEventKind
from relay.domain.device_type import ALERT_WINDOW_SECONDS

MAILS_AN_HOUR = 5
ADDRESSES_ALWAYS_TOLD = 3


class LetterKind(enum.StrEnum):
    """Each has its own words in the catalogues."""

    REGISTERED = "registered"
    WEBHOOK_ADDED = "webhook_added"
    URL_CHANGED = "url_changed"
    CONFIRM_EMAIL = "confirm_email"
    EMAIL_ASKED = "email_asked"
    EMAIL_CHANGED = "email_changed"
    MAIL_TRIED = "mail_tried"
    CHANGE_UNDONE = "change_undone"
    FAILING_FOR_AN_HOUR = "failing_1h"
    FAILING_FOR_A_DAY = "failing_24h"
    SUSPENDED = "suspended"
    RECOVERED = "recovered"
    HAPPENED = "happened"
    SIGN_IN = "sign_in"


class LinkPurpose(enum.StrEnum):
    """What the link in a mail does, once."""

    UNDO_CHANGE = "undo_change"
    PAUSE = "pause"
    RESUME = "resume"
    SIGN_IN = "sign_in"
    CONFIRM_EMAIL = "confirm_email"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A device got its first webhook; `waiting` messages had come before it."""

    kind: Literal[LetterKind.REGISTERED] = LetterKind.REGISTERED
    host: str
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAdded:
    """A device got one more webhook."""

    kind: Literal[LetterKind.WEBHOOK_ADDED] = LetterKind.WEBHOOK_ADDED
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlChanged:
    """The messages go elsewhere; `new_email` is masked, and empty when the e-mail stayed.

    `headers_left` says that the headers of the owner's own are not sent to the new host.
    """

    kind: Literal[LetterKind.URL_CHANGED] = LetterKind.URL_CHANGED
    old_host: str
    new_host: str
    new_email: str = ""
    headers_left: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmEmail:
    """To an address to which mails about the device shall go, once its reader says so."""

    kind: Literal[LetterKind.CONFIRM_EMAIL] = LetterKind.CONFIRM_EMAIL


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailAsked:
    """To the address on record: mails are to go elsewhere; `new_email` is masked."""

    kind: Literal[LetterKind.EMAIL_ASKED] = LetterKind.EMAIL_ASKED
    new_email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailChanged:
    """Mails about the device go elsewhere; `new_email` is masked."""

    kind: Literal[LetterKind.EMAIL_CHANGED] = LetterKind.EMAIL_CHANGED
    host: str
    new_email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailTried:
    """The owner wants to see whether alerts arrive."""

    kind: Literal[LetterKind.MAIL_TRIED] = LetterKind.MAIL_TRIED


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeUndone:
    """Webhook and e-mail are again what they were before a change."""

    kind: Literal[LetterKind.CHANGE_UNDONE] = LetterKind.CHANGE_UNDONE
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """Nothing was delivered since `since_ms`; `cause` and `status` are those of the last attempt."""

    kind: Literal[LetterKind.FAILING_FOR_AN_HOUR, LetterKind.FAILING_FOR_A_DAY]
    host: str
    since_ms: int
    cause: Cause
    status: int | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended:
    """The relay sends no more, apart from probes."""

    kind: Literal[LetterKind.SUSPENDED] = LetterKind.SUSPENDED
    host: str
    since_ms: int
    cause: Cause
    status: int | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """Messages are taken again; `late` of them arrived late, or are about to."""

    kind: Literal[LetterKind.RECOVERED] = LetterKind.RECOVERED
    host: str
    since_ms: int
    late: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldEvent:
    """An event of a device, as in `relay.domain.device_event`."""

    kind: DeviceEventKind
    at_ms: int
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """What happened to a device since the last such mail, oldest first; `more` events are only counted.

    The next one comes after `window_seconds` at the soonest.
    """

    kind: Literal[LetterKind.HAPPENED] = LetterKind.HAPPENED
    events: tuple[ToldEvent, ...]
    more: int = 0
    window_seconds: int = ALERT_WINDOW_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Somebody who knows the address on record wants to sign in without the token."""

    kind: Literal[LetterKind.SIGN_IN] = LetterKind.SIGN_IN


Occasion = (
    Registered
    | WebhookAdded
    | UrlChanged
    | ConfirmEmail
    | EmailAsked
    | EmailChanged
    | MailTried
    | ChangeUndone
    | Failing
    | Suspended
    | Recovered
    | Happened
    | SignIn
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterContents:
    """What is sealed in the outbox: the facts, when they came about, and the tokens of the links."""

    occasion: Occasion
    at_ms: int
    tokens: Mapping[LinkPurpose, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierMail:
    """A mail about the same device within the last hour; `can_undo` while its link can still be used."""

    recipient: str
    can_undo: bool


def may_be_mailed(recipient: str, earlier: list[EarlierMail], *, undoes: bool) -> bool:
    """Whether a device has a mail left in this hour.

    A mail with which an owner can undo a change goes in any case when its recipient has no other such mail of
    this hour: otherwise a stranger could use up the mails first. It is withheld only where there is
    one already, which undoes this change as well, or where a stranger makes the relay write to ever new
    addresses.
    """
    if len(earlier) < MAILS_AN_HOUR:
        return True
    if not undoes or any(mail.can_undo and same_address(mail.recipient, recipient) for mail in earlier):
        return False
    others = {mail.recipient.casefold() for mail in earlier} - {recipient.casefold()}
    return len(others) < ADDRESSES_ALWAYS_TOLD


def same_address(one: str, other: str) -> bool:
    """Whether two e-mail addresses are one, for people."""
    return one.strip().casefold() == other.strip().casefold()
