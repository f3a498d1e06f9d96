"""Envelopes that nobody else can write on."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from relay.errors import ConfigError
from relay.mail.letters import WrittenLetter
from relay.mail.message import ascii_address, make_message, make_sender

NOW = 1_800_000_000.0
LETTER = WrittenLetter(subject="Zařízení 1A2B3C", text="Dobrý den.\n")

EVIL = [
    "owner@example.com\r\nBcc: victim@example.net",
    "owner@example.com\nBcc: victim@example.net",
    "owner@example.com\rBcc: victim@example.net",
    "owner@example.com\r\n\r\nA body of its own",
    "owner@example.com%0d%0aBcc:victim@example.net\r\n",
    "owner@example.com\x0bBcc: victim@example.net",
    "owner@example.com\x0cBcc: victim@example.net",
    "owner@example.com\x00",
    "owner@example.com\x85Bcc: victim@example.net",
    "owner@example.com\u2028Bcc: victim@example.net",
    "owner@example.com, victim@example.net",
    "owner@example.com; victim@example.net",
    "owner@example.com victim@example.net",
    "owner@example.com>, <victim@example.net",
    "Victim <victim@example.net>",
    "<victim@example.net>",
    '"owner@example.com\r\nBcc: x"@example.net',
    "=?utf-8?q?owner=0d=0aBcc:_victim?=@example.net\r\n",
    "group: victim@example.net;",
    "owner@@example.com",
    "@relay.example.org:victim@example.net",
    "owner@example.com(\r\n)",
    "owner",
    "",
    "žluťoučký@example.com",
    "\ud800@example.com",
    "a" * 70_000 + "@example.com",
]


def message(recipient: str = "owner@example.com", letter: WrittenLetter = LETTER) -> EmailMessage:
    return make_message(
        letter,
        recipient=recipient,
        sender=make_sender("Služba <relay@example.org>", "https://relay.example.org:8443"),
        language="cs",
        reference="17.5",
        now=NOW,
    )


def read_back(written: EmailMessage) -> EmailMessage:
    return message_from_bytes(written.as_bytes(), EmailMessage, policy=SMTP)


def test_says_what_kind_of_mail_it_is() -> None:
    read = read_back(message())
    assert {name: str(value) for name, value in read.items()} == {
        "From": "Služba <relay@example.org>",
        "To": "owner@example.com",
        "Subject": "Zařízení 1A2B3C",
        "Date": "Fri, 15 Jan 2027 08:00:00 +0000",
        "Message-ID": "<17.5@relay.example.org>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "cs",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "quoted-printable",
        "MIME-Version": "1.0",
    }
    assert read.get_content() == "Dobrý den.\r\n"


def test_is_plain_ascii_on_the_wire_with_short_lines() -> None:
    wire = message(letter=WrittenLetter(subject="ž" * 200, text="ů" * 3000)).as_bytes()
    assert wire.isascii()
    assert max(len(line) for line in wire.split(b"\r\n")) <= 78


@pytest.mark.parametrize("recipient", EVIL, ids=range(len(EVIL)))
def test_what_is_not_one_bare_address_gets_no_mail(recipient: str) -> None:
    with pytest.raises(ValueError):
        message(recipient)


@pytest.mark.parametrize("subject", ["a\r\nBcc: victim@example.net", "a\nX: y", "a\rX: y"])
def test_a_subject_cannot_begin_another_header(subject: str) -> None:
    with pytest.raises(ValueError):
        message(letter=WrittenLetter(subject=subject, text=""))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("owner@example.com", "owner@example.com"),
        ("Owner+sigfox@Example.COM", "Owner+sigfox@example.com"),
        ("owner@žluťoučký.cz", "owner@xn--luouk-uva4it5a4g.cz"),
        ("o'brien@example.test", "o'brien@example.test"),
        ("owner@mail", "owner@mail"),
    ],
)
def test_addresses_reach_the_server_in_ascii(written: str, read: str) -> None:
    assert ascii_address(written) == read


@pytest.mark.parametrize(
    ("public_url", "domain"),
    [
        ("https://relay.example.org", "relay.example.org"),
        ("http://127.0.0.1:8080", "[127.0.0.1]"),
        ("http://[::1]:8080", "[IPv6:::1]"),
    ],
)
def test_message_ids_end_with_the_public_host(public_url: str, domain: str) -> None:
    assert make_sender("relay@example.org", public_url).domain == domain


@pytest.mark.parametrize("sender", ["žluť@example.org", "relay@-.example.org", "re..lay@example.org"])
def test_a_sender_that_cannot_be_used_is_the_operators_error(sender: str) -> None:
    with pytest.raises(ConfigError, match=r"smtp\.from"):
        make_sender(sender, "https://relay.example.org")
