"""The way to a real mail server."""

from email.message import EmailMessage

import pytest
import trustme

from relay.config import SmtpSettings
from relay.mail.letters import WrittenLetter
from relay.mail.message import make_message, make_sender
from relay.mail.post import SENT, Fault, Post, PostOutcome
from tests.mail.server import FROM, PASSWORD, USER, Tls, mail_server, trusting

TEXT = "Příliš žluťoučký kůň\n" + "x" * 2000 + "\n.\n..\nFrom here\n"


def message(recipient: str = "owner@example.com") -> EmailMessage:
    return make_message(
        WrittenLetter(subject="Zařízení 1A2B3C: změna", text=TEXT),
        recipient=recipient,
        sender=make_sender(FROM, "https://relay.example.org"),
        language="cs",
        reference="7.1",
        now=1_800_000_000.0,
    )


def post(settings: SmtpSettings, authority: trustme.CA) -> Post:
    return Post(settings=settings, own_name="relay.example.org", tls=trusting(authority))


@pytest.mark.parametrize("tls", ["starttls", "tls", "none"])
async def test_a_mail_arrives_as_it_was_written(authority: trustme.CA, tls: Tls) -> None:
    async with mail_server(authority, tls) as server:
        outcomes = await post(server.settings(), authority).deliver([message()])
    assert outcomes == [SENT]
    (arrived,) = server.arrived
    assert arrived.encrypted is (tls != "none")
    assert (arrived.sender, arrived.recipients) == ("relay@relay.example.org", ["owner@example.com"])
    assert arrived.text == TEXT
    assert arrived.message["Subject"] == "Zařízení 1A2B3C: změna"


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_it_logs_in(authority: trustme.CA, tls: Tls) -> None:
    async with mail_server(authority, tls, login=True) as server:
        right = server.settings(username=USER, password=PASSWORD)
        wrong = server.settings(username=USER, password="wrong")
        assert await post(right, authority).deliver([message()]) == [SENT]
        assert await post(wrong, authority).deliver([message()]) == [PostOutcome(Fault.LOGIN, 535)]
    assert len(server.arrived) == 1


async def test_one_refused_recipient_leaves_the_others_theirs(authority: trustme.CA) -> None:
    async with mail_server(authority, "starttls") as server:
        server.refused = {"gone@example.com": "550 no such user", "full@example.com": "452 mailbox full"}
        mails = [message("gone@example.com"), message("full@example.com"), message()]
        outcomes = await post(server.settings(), authority).deliver(mails)
    assert outcomes == [PostOutcome(Fault.REFUSED, 550), PostOutcome(Fault.SERVER, 452), SENT]
    assert [one.recipients for one in server.arrived] == [["owner@example.com"]]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_certificate_that_nobody_vouches_for_gets_no_mail(authority: trustme.CA, tls: Tls) -> None:
    async with mail_server(authority, tls) as server:
        outcomes = await post(server.settings(), trustme.CA()).deliver([message()])
    assert outcomes == [PostOutcome(Fault.TLS)]
    assert server.arrived == []


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_certificate_for_another_name_gets_no_mail(authority: trustme.CA, tls: Tls) -> None:
    async with mail_server(authority, tls) as server:
        outcomes = await post(server.settings(host="127.0.0.1"), authority).deliver([message()])
    assert outcomes == [PostOutcome(Fault.TLS)]
    assert server.arrived == []


async def test_without_the_promised_tls_neither_password_nor_mail_is_sent(authority: trustme.CA) -> None:
    async with mail_server(authority, "starttls", login=True, offers_tls=False) as server:
        settings = server.settings(username=USER, password=PASSWORD)
        (outcome,) = await post(settings, authority).deliver([message()])
    assert outcome.fault is not None
    assert server.arrived == []


async def test_a_server_that_is_away_is_an_outcome(authority: trustme.CA) -> None:
    async with mail_server(authority, "none") as server:
        settings = server.settings()
    outcomes = await post(settings, authority).deliver([message(), message()])
    assert outcomes == [PostOutcome(Fault.UNREACHABLE)] * 2


async def test_what_was_sent_before_the_server_hung_up_stays_sent(authority: trustme.CA) -> None:
    async with mail_server(authority, "starttls") as server:
        server.hang_up_after = 1
        outcomes = await post(server.settings(), authority).deliver([message()] * 3)
    assert outcomes == [SENT, PostOutcome(Fault.UNREACHABLE), PostOutcome(Fault.UNREACHABLE)]
    assert len(server.arrived) == 1
