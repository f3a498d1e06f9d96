"""Putting a letter into an envelope that nobody else can write on."""

from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from relay.errors import ConfigError
from relay.mail.letters import WrittenLetter


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who all mails come from; `domain` is what Message-IDs end with and what we call ourselves."""

    address: Address
    domain: str


def make_sender(from_address: str, public_url: str) -> Sender:
    """The sender that the settings name.

    Raises:
        ConfigError: Its address cannot be used in a mail.
    """
    name, address = parseaddr(from_address)
    try:
        return Sender(
            address=Address(name, addr_spec=ascii_address(address)), domain=_mail_domain(public_url)
        )
    except ValueError as error:
        raise ConfigError(f"smtp.from: {error}") from error


def ascii_address(text: str) -> str:
    """One bare address as mail servers read it: the domain in ASCII.

    Raises:
        ValueError: It is no address, more than one, or needs a mail server of our own kind.
    """
    try:
        checked = validate_email(
            text,
            check_deliverability=False,
            allow_smtputf8=False,
            globally_deliverable=False,
            test_environment=True,
        )
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    if checked.ascii_email is None:
        raise ValueError("the address cannot be written in ASCII")
    return checked.ascii_email


def make_message(
    letter: WrittenLetter, *, recipient: str, sender: Sender, language: str, reference: str, now: float
) -> EmailMessage:
    """The mail; `reference` is the same for each attempt at it, so that repeats can be known.

    Raises:
        ValueError: The recipient is no usable address.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender.address
    message["To"] = Address(addr_spec=ascii_address(recipient))
    message["Subject"] = letter.subject
    message["Date"] = datetime.fromtimestamp(now, UTC)
    message["Message-ID"] = f"<{reference}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="quoted-printable")
    message["Content-Language"] = language
    return message


def _mail_domain(public_url: str) -> str:
    host = urlsplit(public_url).hostname or "localhost"
    if ":" in host:
        return f"[IPv6:{host}]"
    return f"[{host}]" if host.replace(".", "").isdigit() else host
