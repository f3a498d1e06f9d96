"""Bringing mails to the mail server; what goes wrong there is a value."""

import asyncio
import enum
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage

import aiosmtplib
from aiosmtplib import SMTP

from relay.config import SmtpSettings

ANSWER_WITHIN_SECONDS = 20.0
"""To connect, and for each command."""
ALL_WITHIN_SECONDS = 120.0


class Fault(enum.StrEnum):
    """Why a mail was not sent."""

    REFUSED = "refused"  # the server takes no mail for this recipient, ever
    BAD_ADDRESS = "bad_address"
    TOO_OLD = "too_old"
    UNREADABLE = "unreadable"  # no secret key opens it
    SENDER = "sender_refused"
    LOGIN = "login"
    TLS = "tls"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    SERVER = "server_error"
    BROKE = "broke"  # our own fault

    @property
    def is_for_good(self) -> bool:
        """Trying again would not help."""
        return self in (Fault.REFUSED, Fault.BAD_ADDRESS, Fault.TOO_OLD, Fault.UNREADABLE)


@dataclass(frozen=True, slots=True)
class PostOutcome:
    """How one mail fared. `code` is the server's; its words may name the recipient, so they are not kept."""

    fault: Fault | None = None
    code: int | None = None


SENT = PostOutcome()


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """The way to one mail server; without TLS only where the settings say so."""

    settings: SmtpSettings
    own_name: str
    tls: ssl.SSLContext

    async def deliver(self, messages: Sequence[EmailMessage]) -> list[PostOutcome]:
        """Send mails over one connection; an outcome for each of them."""
        outcomes: list[PostOutcome] = []
        try:
            async with asyncio.timeout(ALL_WITHIN_SECONDS), self._client() as client:
                for message in messages:
                    outcomes.append(await _send(client, message))
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
            outcomes += [_outcome_of(error)] * (len(messages) - len(outcomes))
        return outcomes

    def _client(self) -> SMTP:
        """Connects, encrypts and logs in when it is entered."""
        settings = self.settings
        return SMTP(
            hostname=settings.host,
            port=settings.port,
            username=settings.username or None,
            password=settings.password.get_secret_value() if settings.username else None,
            local_hostname=self.own_name,
            timeout=ANSWER_WITHIN_SECONDS,
            use_tls=settings.tls == "tls",
            start_tls=settings.tls == "starttls",
            tls_context=self.tls if settings.tls != "none" else None,
        )


async def _send(client: SMTP, message: EmailMessage) -> PostOutcome:
    """What the server holds against one mail; a broken connection goes through to the caller."""
    try:
        await client.send_message(message)
    except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError):
        raise
    except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused) as error:
        return _outcome_of(error)
    return SENT


def _outcome_of(error: Exception) -> PostOutcome:
    match error:
        case aiosmtplib.SMTPRecipientsRefused():
            code = error.recipients[0].code
            return PostOutcome(Fault.REFUSED if code >= 500 else Fault.SERVER, code)
        case aiosmtplib.SMTPSenderRefused():
            return PostOutcome(Fault.SENDER, error.code)
        case aiosmtplib.SMTPAuthenticationError():
            return PostOutcome(Fault.LOGIN, error.code)
        case aiosmtplib.SMTPResponseException():
            return PostOutcome(Fault.SERVER, error.code)
        case TimeoutError():
            return PostOutcome(Fault.TIMEOUT)
        case _:
            return PostOutcome(_fault_of(error))


def _fault_of(error: BaseException) -> Fault:
    """aiosmtplib wraps what the network says."""
    beneath: BaseException | None = error
    while beneath is not None:
        if isinstance(beneath, ssl.SSLError):
            return Fault.TLS
        beneath = beneath.__cause__ or beneath.__context__
    if isinstance(error, OSError | aiosmtplib.SMTPConnectError | aiosmtplib.SMTPServerDisconnected):
        return Fault.UNREACHABLE
    return Fault.SERVER
