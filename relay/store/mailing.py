"""The outbox as the postman and the pages deal with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from relay.domain.letter import LetterContents, LetterKind
from relay.store.driver import Do, Driver, Row, Steps, rows_of
from relay.store.outbox import CONTENTS, MailState
from relay.store.sealed import MAIL_CONTENTS, MAIL_RECIPIENT
from relay.store.vault import CannotOpen, Vault

KEPT_DAYS = 30
FORGET_AT_ONCE = 500
_DAY_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail that is leased to this node; `attempt` counts from 1. Without contents no key opens it."""

    id: int
    device: int
    device_label: str
    kind: LetterKind
    language: str
    created_at_ms: int
    attempt: int
    recipient: str
    contents: LetterContents | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptMail:
    """A mail as the pages show it."""

    id: int
    device: int
    kind: LetterKind
    created_at_ms: int
    due_at_ms: int
    attempts: int
    state: MailState
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettlement:
    """How sending ended; `due_at_ms` only matters while it waits."""

    mail: Mail
    state: MailState
    due_at_ms: int
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """All mails. Every method may raise `StoreUnavailable`."""

    driver: Driver
    vault: Vault

    async def claim(self, *, now_ms: int, lease_until_ms: int, limit: int) -> list[Mail]:
        """Lease mails that are due, oldest first; the attempt is counted before it is made."""
        return await self.driver.transact(_claim(self.vault, now_ms, lease_until_ms, limit))

    async def settle(self, settlements: Sequence[MailSettlement]) -> None:
        """Write down how sending ended; what was sent loses its contents."""
        await self.driver.transact(_settle(settlements))

    async def of_device(self, device: int, limit: int = 50) -> list[KeptMail]:
        """The newest mails about a device."""
        return [_kept(row) for row in await self._rows("mails_of_device", device=device, limit=limit)]

    async def latest(self, state: MailState, limit: int = 50) -> list[KeptMail]:
        """The newest mails in a state."""
        return [_kept(row) for row in await self._rows("mails_in_state", state=state, limit=limit)]

    async def _rows(self, statement: str, **parameters: object) -> Sequence[Row]:
        return await self.driver.transact(rows_of(statement, **parameters))


def forget_old_mails(now_ms: int) -> Steps[int]:
    """Let go of some old mails and of links that are long over; the answer is how many mails went."""
    old = {"before_ms": now_ms - KEPT_DAYS * _DAY_MS, "limit": FORGET_AT_ONCE}
    gone = yield Do("forget_mails", [old])
    yield Do("forget_links", [old])
    return len(gone)


def _claim(vault: Vault, now_ms: int, lease_until_ms: int, limit: int) -> Steps[list[Mail]]:
    asked = {"now_ms": now_ms, "lease_until_ms": lease_until_ms, "limit": limit}
    claimed = yield Do("claim_mails", [asked])
    rows = yield Do("read_mail", [{"id": row["id"]} for row in claimed])
    mails = [_mail(row, vault) for row in rows]
    return sorted(mails, key=lambda mail: (mail.created_at_ms, mail.id))


def _mail(row: Row, vault: Vault) -> Mail:
    try:
        recipient = vault.open(row["recipient_sealed"], MAIL_RECIPIENT.of_row(row["id"]))
        text = vault.open(row["contents_sealed"], MAIL_CONTENTS.of_row(row["id"]))
        contents = CONTENTS.validate_json(text)
    except (CannotOpen, ValidationError):
        recipient, contents = "", None
    return Mail(
        id=row["id"],
        device=row["device"],
        device_label=row["label"],
        kind=LetterKind(row["kind"]),
        language=row["language"],
        created_at_ms=row["created_at_ms"],
        attempt=row["attempts"],
        recipient=recipient,
        contents=contents,
    )


def _settle(settlements: Sequence[MailSettlement]) -> Steps[None]:
    """A node whose lease ran out finds the attempt number changed, and changes nothing."""
    yield Do("settle_mail", [_settled_row(one) for one in settlements])
    yield Do("empty_mail", [{"id": one.mail.id} for one in settlements if one.state is MailState.SENT])


def _settled_row(settlement: MailSettlement) -> dict[str, object]:
    return {
        "id": settlement.mail.id,
        "attempt": settlement.mail.attempt,
        "state": settlement.state,
        "due_at_ms": settlement.due_at_ms,
        "error": settlement.error,
    }


def _kept(row: Row) -> KeptMail:
    return KeptMail(
        id=row["id"],
        device=row["device"],
        kind=LetterKind(row["kind"]),
        created_at_ms=row["created_at_ms"],
        due_at_ms=row["due_at_ms"],
        attempts=row["attempts"],
        state=MailState(row["state"]),
        error=row["error"],
    )
