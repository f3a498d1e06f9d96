"""Which language a reader gets."""

import pytest

from relay.web.language import choose_language
from relay.web.negotiation import parse_preferences, prefers_json


def choose(asked: str | None = None, kept: str | None = None, accept: str = "") -> str:
    return choose_language(asked=asked, kept=kept, accept=accept, offered=("cs", "en"), default="cs")


def test_the_url_wins_over_the_cookie_and_the_browser() -> None:
    assert choose(asked="en", kept="cs", accept="cs") == "en"


def test_the_cookie_wins_over_the_browser() -> None:
    assert choose(kept="en", accept="cs") == "en"


@pytest.mark.parametrize("junk", ["de", "", "EN", "../en"])
def test_a_language_that_is_not_offered_is_passed_over(junk: str) -> None:
    assert choose(asked=junk, kept=junk, accept="en") == "en"


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("en", "en"),
        ("en-GB,en;q=0.9,cs;q=0.8", "en"),
        ("de,cs;q=0.5,en;q=0.7", "en"),
        ("en;q=0,cs;q=0.1", "cs"),
        ("en;q=0", "cs"),
        ("sk, EN;q=0.4", "en"),
        ("english", "cs"),
        ("*", "cs"),
        ("", "cs"),
        (";;q=,,=", "cs"),
        ("en;q=nan,cs;q=inf", "cs"),
    ],
)
def test_the_browser_is_heard_and_else_the_default_counts(accept: str, language: str) -> None:
    assert choose(accept=accept) == language


def test_weights_are_kept_between_0_and_1() -> None:
    assert parse_preferences("a;q=7, b;q=-1, c; x=1; q=0.5, d") == {"a": 1.0, "b": 0.0, "c": 0.5, "d": 1.0}


@pytest.mark.parametrize(
    ("accept", "is_json"),
    [
        ("application/json", True),
        ("application/problem+json, text/html;q=0.5", True),
        ("text/html,application/json;q=0.9,*/*;q=0.8", False),
        ("text/html,application/json", False),
        ("*/*", False),
        ("", False),
    ],
)
def test_json_is_for_those_who_prefer_it(accept: str, is_json: bool) -> None:
    assert prefers_json(accept) is is_json
