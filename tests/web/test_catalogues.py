"""Every sentence that readers see is in both catalogues."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from relay.web.catalogue import read_catalogues

ROOT = Path(__file__).parent.parent.parent
METHODS = [("relay/**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "phrase": None, "sentence": None, "refuse": (1,)}
PLACEHOLDER = re.compile(r"%\(\w+\)s")


@cache
def sentences() -> frozenset[str]:
    """The first text of each; the others are its plurals."""
    return frozenset(texts(one)[0] for one in extracted())


def extracted() -> Iterator[str | tuple[str, ...]]:
    for folder in ("relay", "templates"):
        methods = [(pattern.removeprefix(f"{folder}/"), method) for pattern, method in METHODS]
        options = {pattern.removeprefix(f"{folder}/"): value for pattern, value in OPTIONS.items()}
        for found in extract_from_dir(ROOT / folder, methods, options, keywords=KEYWORDS):
            yield found[2]


@cache
def catalogue(language: str) -> Catalog:
    path = ROOT / "relay" / "locale" / language / "LC_MESSAGES" / "relay.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str) -> list[Message]:
    return [message for message in catalogue(language) if message.id]


def texts(one_or_more: str | tuple[str, ...] | list[str]) -> list[str]:
    return [one_or_more] if isinstance(one_or_more, str) else list(one_or_more)


@pytest.mark.parametrize("language", ["cs", "en"])
def test_holds_every_sentence_and_no_other(language: str) -> None:
    assert {texts(message.id)[0] for message in messages(language)} == sentences()


def test_czech_is_complete_and_certain() -> None:
    assert [m.id for m in messages("cs") if m.fuzzy or not all(texts(m.string))] == []


def test_czech_has_three_plural_forms() -> None:
    plurals = [message for message in messages("cs") if not isinstance(message.id, str)]
    assert plurals
    assert all(len(message.string) == 3 for message in plurals)


def test_translations_mention_what_the_source_mentions() -> None:
    for message in messages("cs"):
        wanted = set(PLACEHOLDER.findall(texts(message.id)[0]))
        for text in texts(message.string):
            assert set(PLACEHOLDER.findall(text)) == wanted, text


@pytest.mark.parametrize(
    ("number", "word"), [(1, "zpráva přišla"), (3, "zprávy přišly"), (5, "zpráv přišlo")]
)
def test_czech_counts_as_czechs_do(number: int, word: str) -> None:
    words = read_catalogues(["cs"])["cs"]
    one = "%(num)s message came before there was an address. It is on its way now."
    many = "%(num)s messages came before there was an address. They are on their way now."
    assert word in words.ngettext(one, many, number)


def test_english_is_the_source_itself() -> None:
    assert read_catalogues(["en"])["en"].gettext("Save") == "Save"
