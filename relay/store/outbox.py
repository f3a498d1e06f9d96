"""Putting letters to owners into the outbox, inside the transaction in which their occasion comes about."""

import enum
import hashlib
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from pydantic import TypeAdapter

from relay.domain.letter import (
    MAILS_AN_HOUR,
    EarlierMail,
    LetterContents,
    LetterKind,
    LinkPurpose,
    Occasion,
    may_be_mailed,
)
from relay.store.driver import Do, Row, Steps
from relay.store.sealed import LINK_TARGET, MAIL_CONTENTS, MAIL_RECIPIENT
from relay.store.vault import CannotOpen, Vault

_log = logging.getLogger(__name__)

HOUR_MS = 3600 * 1000
NOT_CONFIGURED = "not_configured"
TOKEN_BYTES = 32

CONTENTS = TypeAdapter(LetterContents)

_VALID_MS: Mapping[LinkPurpose, int] = {
    LinkPurpose.UNDO_CHANGE: 72 * HOUR_MS,
    LinkPurpose.PAUSE: 7 * 24 * HOUR_MS,
    LinkPurpose.RESUME: 7 * 24 * HOUR_MS,
    LinkPurpose.SIGN_IN: HOUR_MS // 4,
    LinkPurpose.CONFIRM_EMAIL: 72 * HOUR_MS,
}
_STEERING: Mapping[LetterKind, Sequence[LinkPurpose]] = {
    LetterKind.REGISTERED: (LinkPurpose.PAUSE,),
    LetterKind.WEBHOOK_ADDED: (LinkPurpose.PAUSE,),
    LetterKind.FAILING_FOR_AN_HOUR: (LinkPurpose.RESUME, LinkPurpose.PAUSE),
    LetterKind.FAILING_FOR_A_DAY: (LinkPurpose.RESUME, LinkPurpose.PAUSE),
    LetterKind.SUSPENDED: (LinkPurpose.RESUME, LinkPurpose.PAUSE),
    LetterKind.SIGN_IN: (LinkPurpose.SIGN_IN,),
    LetterKind.CONFIRM_EMAIL: (LinkPurpose.CONFIRM_EMAIL,),
}
"""Links beside the one that undoes a change."""


class MailState(enum.StrEnum):
    """Who moves a mail on is said beside each state."""

    WAITING = "waiting"  # due now, due later, or leased to the node that is sending it
    SENT = "sent"  # for good
    DEAD = "dead"  # given up with its error, or never to be sent: no mail server is configured


class Fate(enum.StrEnum):
    """What became of a letter that was to be put into the outbox."""

    QUEUED = "queued"
    LIMITED = "limited"
    NOT_CONFIGURED = NOT_CONFIGURED
    NO_ADDRESS = "no_address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One letter and its fate, to be logged once the transaction has ended well."""

    device: int
    kind: LetterKind
    fate: Fate


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """An endpoint and its owner's address as they were before a change."""

    url: str
    secret: str
    host: str
    email: str
    language: str
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkTarget:
    """What a link acts upon; `before` is what the undoing of a change restores.

    A link that signs in, or confirms an `email` address, acts upon no endpoint: its `endpoint_id` is 0.
    """

    endpoint_id: int
    before: Before | None = None
    email: str = ""


TARGET = TypeAdapter(LinkTarget)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter to put into the outbox; `steers` says whether it holds the links of its kind.

    One without a target has no links.
    """

    device: int
    recipient: str
    language: str
    occasion: Occasion
    target: LinkTarget | None = None
    steers: bool = True

    @property
    def purposes(self) -> Sequence[LinkPurpose]:
        """Of its links."""
        if self.target is None:
            return ()
        if self.target.before is not None:
            return (LinkPurpose.UNDO_CHANGE,)
        return _STEERING.get(self.occasion.kind, ()) if self.steers else ()


def new_token() -> str:
    """What a link is known by; nobody can guess it."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_digest(token: str) -> bytes:
    """What is stored of a link's token."""
    return hashlib.sha256(token.encode()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outbox:
    """Where letters are put. Without a mail server they are only kept, for the pages."""

    vault: Vault
    has_server: bool = False
    make_token: Callable[[], str] = new_token

    def notify(self, device: int, endpoint_id: int, occasion: Occasion, now_ms: int) -> Steps[Posted]:
        """Tell the owner of a device; for use inside another transaction (`yield from`).

        Whoever calls it passes the answer to `log_posted` when the transaction has ended.
        """
        rows = yield Do("read_device", [{"number": device}])
        address = (rows[0]["contact_email"] or rows[0]["order_email"]) if rows else ""
        if not address:
            return Posted(device=device, kind=occasion.kind, fate=Fate.NO_ADDRESS)
        letter = Letter(
            device=device,
            recipient=address,
            language=rows[0]["language"],
            occasion=occasion,
            target=LinkTarget(endpoint_id=endpoint_id),
        )
        return (yield from self.post(letter, now_ms))

    def post(self, letter: Letter, now_ms: int) -> Steps[Posted]:
        """Put one letter into the outbox, unless its device had its mails of this hour."""
        earlier = yield from self._earlier(letter.device, now_ms)
        fate = Fate.QUEUED if self.has_server else Fate.NOT_CONFIGURED
        if may_be_mailed(letter.recipient, earlier, undoes=LinkPurpose.UNDO_CHANGE in letter.purposes):
            yield from self._insert(letter, now_ms)
        else:
            fate = Fate.LIMITED
        return Posted(device=letter.device, kind=letter.occasion.kind, fate=fate)

    def has_room(self, device: int, letters: int, now_ms: int) -> Steps[bool]:
        """Whether a device may have so many more mails in this hour."""
        earlier = yield from self._earlier(device, now_ms)
        return len(earlier) + letters <= MAILS_AN_HOUR

    def _earlier(self, device: int, now_ms: int) -> Steps[list[EarlierMail]]:
        asked = {"device": device, "since_ms": now_ms - HOUR_MS, "now_ms": now_ms}
        rows = yield Do("mails_of_device_since", [asked])
        return [EarlierMail(recipient=self._recipient(row), can_undo=bool(row["can_undo"])) for row in rows]

    def _recipient(self, row: Row) -> str:
        """Where a key is lost, the mail counts, but as nobody's."""
        try:
            return self.vault.open(row["recipient_sealed"], MAIL_RECIPIENT.of_row(row["id"]))
        except CannotOpen:
            return ""

    def _insert(self, letter: Letter, now_ms: int) -> Steps[None]:
        mail_id = (yield Do("take_ids", [{"count": 1}]))[0]["first_id"]
        purposes = letter.purposes if self.has_server else ()
        tokens = {purpose: self.make_token() for purpose in purposes}
        contents = LetterContents(occasion=letter.occasion, at_ms=now_ms, tokens=tokens)
        yield Do("insert_mail", [self._mail_row(mail_id, letter, contents)])
        if letter.target is None:
            return
        target = TARGET.dump_json(letter.target).decode()
        for purpose, token in tokens.items():
            yield from self._insert_link(mail_id, letter.device, purpose, token, target, now_ms)

    def _mail_row(self, mail_id: int, letter: Letter, contents: LetterContents) -> dict[str, object]:
        return {
            "id": mail_id,
            "device": letter.device,
            "kind": letter.occasion.kind,
            "recipient_sealed": self.vault.seal(letter.recipient, MAIL_RECIPIENT.of_row(mail_id)),
            "contents_sealed": self.vault.seal(
                CONTENTS.dump_json(contents).decode(), MAIL_CONTENTS.of_row(mail_id)
            ),
            "language": letter.language,
            "now_ms": contents.at_ms,
            "state": MailState.WAITING if self.has_server else MailState.DEAD,
            "error": None if self.has_server else NOT_CONFIGURED,
        }

    def _insert_link(
        self, mail_id: int, device: int, purpose: LinkPurpose, token: str, target: str, now_ms: int
    ) -> Steps[None]:
        link_id = (yield Do("take_ids", [{"count": 1}]))[0]["first_id"]
        row = {
            "id": link_id,
            "device": device,
            "mail_id": mail_id,
            "purpose": purpose,
            "token_digest": token_digest(token),
            "target_sealed": self.vault.seal(target, LINK_TARGET.of_row(link_id)),
            "created_at_ms": now_ms,
            "expires_at_ms": now_ms + _VALID_MS[purpose],
        }
        yield Do("insert_link", [row])


def log_posted(posted: Iterable[Posted]) -> None:
    """Say in the log what became of letters."""
    for one in posted:
        facts = {"device": f"{one.device:X}", "kind": one.kind}
        match one.fate:
            case Fate.QUEUED:
                _log.info("mail.queued", extra=facts)
            case Fate.LIMITED:
                _log.warning("mail.limited", extra=facts)
            case Fate.NOT_CONFIGURED:
                _log.info("mail.not_configured", extra=facts)
            case Fate.NO_ADDRESS:
                _log.info("mail.no_address", extra=facts)
            case _:
                assert_never(one.fate)
