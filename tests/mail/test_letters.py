"""What owners read."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from relay.domain.delivery import Cause
from relay.domain.letter import (
    ChangeUndone,
    ConfirmEmail,
    EmailAsked,
    EmailChanged,
    Failing,
    LetterContents,
    LetterKind,
    LinkPurpose,
    MailTried,
    Occasion,
    Recovered,
    Registered,
    Suspended,
    UrlChanged,
    WebhookAdded,
)
from relay.mail.letters import Writer, WrittenLetter
from relay.web.catalogue import read_catalogues

PUBLIC_URL = "https://relay.example.org"
HOST, OLD_HOST = "hooks.example.com", "old.example.net"
AT_MS = 1_800_000_000_000
SINCE_MS = AT_MS - 86_400_000
UNDO, PAUSE, RESUME, CONFIRM = "undo" * 10, "paus" * 10, "resu" * 10, "conf" * 10
TIMES = {"cs": "15. ledna 2027 9:00 (Europe/Prague)", "en": "15 January 2027, 09:00 (Europe/Prague)"}
SINCE = {"cs": "14. ledna 2027 9:00", "en": "14 January 2027, 09:00"}
HOUR, DAY = LetterKind.FAILING_FOR_AN_HOUR, LetterKind.FAILING_FOR_A_DAY

OCCASIONS: dict[str, Occasion] = {
    "registered": Registered(host=HOST, waiting=3),
    "webhook_added": WebhookAdded(host=HOST),
    "url_changed": UrlChanged(old_host=OLD_HOST, new_host=HOST),
    "url_and_email_changed": UrlChanged(old_host=OLD_HOST, new_host=HOST, new_email="n***@example.net"),
    "confirm_email": ConfirmEmail(),
    "email_asked": EmailAsked(new_email="n***@example.net"),
    "mail_tried": MailTried(),
    "email_changed": EmailChanged(host=HOST, new_email="n***@example.net"),
    "change_undone": ChangeUndone(host=HOST),
    "failing_1h": Failing(kind=HOUR, host=HOST, since_ms=SINCE_MS, cause=Cause.DNS, waiting=3),
    "failing_24h": Failing(kind=DAY, host=HOST, since_ms=SINCE_MS, cause=Cause.SERVER_ERROR, status=502),
    "suspended": Suspended(host=HOST, since_ms=SINCE_MS, cause=Cause.TLS_EXPIRED, waiting=3),
    "recovered": Recovered(host=HOST, since_ms=SINCE_MS, late=3),
}
FACTS = {
    "registered": ["3 ", PAUSE],
    "webhook_added": [PAUSE],
    "url_changed": [OLD_HOST, UNDO],
    "url_and_email_changed": [OLD_HOST, "n***@example.net", UNDO],
    "confirm_email": [CONFIRM],
    "email_asked": ["n***@example.net"],
    "mail_tried": [],
    "email_changed": ["n***@example.net", UNDO],
    "change_undone": [],
    "failing_1h": ["3 ", PAUSE, RESUME],
    "failing_24h": ["502 Bad Gateway", PAUSE, RESUME],
    "suspended": ["3 ", PAUSE, RESUME],
    "recovered": ["3 "],
}
NAME_NO_HOST = {"confirm_email", "email_asked", "mail_tried"}
TOKENS = {
    LinkPurpose.UNDO_CHANGE: UNDO,
    LinkPurpose.PAUSE: PAUSE,
    LinkPurpose.RESUME: RESUME,
    LinkPurpose.CONFIRM_EMAIL: CONFIRM,
}
BOTH = [(name, language) for name in OCCASIONS for language in ("cs", "en")]


def write(
    occasion: Occasion, language: str, tokens: dict[LinkPurpose, str] | None = None, contact: str = ""
) -> WrittenLetter:
    writer = Writer(
        words=read_catalogues([language])[language],
        language=language,
        public_url=PUBLIC_URL,
        time_zone=ZoneInfo("Europe/Prague"),
        operator_name="Moduly s.r.o.",
        contact=contact,
    )
    given = TOKENS if tokens is None else tokens
    return writer.write(LetterContents(occasion=occasion, at_ms=AT_MS, tokens=given), "1A2B3C")


def links(letter: WrittenLetter) -> Iterator[str]:
    return (line for line in letter.text.splitlines() if "://" in line)


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_tells_the_facts(name: str, language: str) -> None:
    letter = write(OCCASIONS[name], language)
    hosts = [] if name in NAME_NO_HOST else [HOST]
    wanted = ["1A2B3C", *hosts, *FACTS[name], "Moduly s.r.o."]
    whole = letter.subject + " ".join(letter.text.split())
    assert [fact for fact in wanted if fact not in whole] == []
    assert "1A2B3C" in letter.subject
    assert (SINCE[language] if hasattr(OCCASIONS[name], "since_ms") else TIMES[language]) in whole


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_is_written_to_its_end(name: str, language: str) -> None:
    letter = write(OCCASIONS[name], language)
    for text in (letter.subject, letter.text):
        assert "%(" not in text
        assert "None" not in text
    assert "\n" not in letter.subject
    assert all(len(line) <= 72 for line in letter.text.splitlines() if "://" not in line)


@pytest.mark.parametrize(("name", "language"), BOTH)
def test_all_links_begin_with_the_public_url_and_speak_the_language(name: str, language: str) -> None:
    own = [line for line in links(write(OCCASIONS[name], language)) if line != PUBLIC_URL]
    assert len(own) == sum(fact in TOKENS.values() for fact in FACTS[name])
    assert all(line.startswith(f"{PUBLIC_URL}/links/") and line.endswith(f"?lang={language}") for line in own)


@pytest.mark.parametrize("name", OCCASIONS)
def test_czech_is_no_english(name: str) -> None:
    cs, en = (write(OCCASIONS[name], language).text.splitlines() for language in ("cs", "en"))
    same = {line for line in cs if line in en and line}
    assert same <= {"Moduly s.r.o.", PUBLIC_URL, "-- "}


def test_without_a_link_the_new_address_is_asked_to_write() -> None:
    letter = write(OCCASIONS["url_and_email_changed"], "en", {}, contact="help@example.cz")
    assert "Was it not you? Then tell us." in letter.text
    assert "Questions? Write to help@example.cz." in letter.text
    assert "/links/" not in letter.text


def test_says_when_only_what_follows_the_host_changed() -> None:
    same = write(UrlChanged(old_host=HOST, new_host=HOST), "en").text
    assert "The server is the same" in same
    assert "The server is the same" not in write(OCCASIONS["url_changed"], "en").text


@pytest.mark.parametrize(
    ("late", "words"),
    [(1, "1 zpráva dorazí"), (2, "2 zprávy dorazí"), (37, "37 zpráv dorazí"), (0, "Váš server")],
)
def test_counts_as_czechs_do(late: int, words: str) -> None:
    assert words in write(Recovered(host=HOST, since_ms=SINCE_MS, late=late), "cs").text


@pytest.mark.parametrize("cause", [cause for cause in Cause if cause is not Cause.REMOVED])
@pytest.mark.parametrize("language", ["cs", "en"])
def test_every_cause_is_told_in_plain_words(cause: Cause, language: str) -> None:
    letter = write(Suspended(host=HOST, since_ms=SINCE_MS, cause=cause, status=404), language)
    said = letter.text.split("\n\n")[1]
    assert len(said) > 40
    assert cause is Cause.REMOVED or cause.value not in said.split()  # that name is a plain word too
