"""A real mail server on loopback that keeps what it gets."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Literal

import trustme
from aiosmtpd import smtp
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from relay.config import SmtpSettings

USER = "relay"
PASSWORD = "p0st-Secret"
ARRIVES_WITHIN_SECONDS = 30
FROM = "Relay <relay@relay.example.org>"

Tls = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class Arrived:
    """One mail, with the recipients of its envelope."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    encrypted: bool

    @property
    def text(self) -> str:
        """The body as its reader sees it."""
        return str(self.message.get_content()).replace("\r\n", "\n")


@dataclass(slots=True, kw_only=True)
class MailServer:
    """What it got, and what it refuses."""

    tls: Tls
    port: int = 0
    arrived: list[Arrived] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    hang_up_after: int | None = None
    grown: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def handle_RCPT(  # noqa: N802 - named by aiosmtpd
        self, server: smtp.SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - named by aiosmtpd
        self, server: smtp.SMTP, session: Session, envelope: Envelope
    ) -> str:
        if self.hang_up_after is not None and len(self.arrived) >= self.hang_up_after:
            assert server.transport is not None
            server.transport.abort()
            return "421 bye"
        message = message_from_bytes(envelope.original_content or b"", EmailMessage, policy=policy.SMTP)
        encrypted = bool(session.ssl) or self.tls == "tls"
        arrived = Arrived(envelope.mail_from or "", list(envelope.rcpt_tos), message, encrypted)
        self.arrived.append(arrived)
        async with self.grown:
            self.grown.notify_all()
        return "250 OK"

    async def mail(self, number: int) -> Arrived:
        """The mail that came as so many'th, from 1, as soon as it is there."""
        async with asyncio.timeout(ARRIVES_WITHIN_SECONDS), self.grown:
            await self.grown.wait_for(lambda: len(self.arrived) >= number)
        return self.arrived[number - 1]

    def settings(self, **other: object) -> SmtpSettings:
        """How the relay is told of this server."""
        given: dict[str, object] = {"host": "localhost", "port": self.port, "tls": self.tls, "from": FROM}
        return SmtpSettings.model_validate({**given, **other})


def authenticate(_: smtp.SMTP, __: Session, ___: Envelope, mechanism: str, given: Any) -> AuthResult:
    assert isinstance(given, LoginPassword)
    right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


@asynccontextmanager
async def mail_server(
    authority: trustme.CA, tls: Tls, *, login: bool = False, port: int = 0, offers_tls: bool = True
) -> AsyncIterator[MailServer]:
    """Run a server; its certificate is for `localhost`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    server = MailServer(tls=tls)
    protocols: list[smtp.SMTP] = []

    def accept() -> smtp.SMTP:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a login beside implicit TLS looks insecure to it
            protocol = smtp.SMTP(
                server,
                hostname="mail.example.org",
                tls_context=context if tls == "starttls" and offers_tls else None,
                require_starttls=tls == "starttls" and offers_tls,
                auth_required=login,
                auth_require_tls=tls == "starttls" and offers_tls,
                authenticator=authenticate if login else None,
                loop=asyncio.get_running_loop(),
            )
        protocols.append(protocol)
        return protocol

    loop = asyncio.get_running_loop()
    listener = await loop.create_server(accept, "127.0.0.1", port, ssl=context if tls == "tls" else None)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for protocol in protocols:
            if protocol.transport is not None:
                protocol.transport.abort()
        await listener.wait_closed()


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    """A client's view that believes the authority."""
    return ssl.create_default_context(cadata=authority.cert_pem.bytes().decode())
