"""One sentence for each cause."""

import pytest

from relay.domain.delivery import Cause
from relay.web.catalogue import read_catalogues
from relay.web.causes import cause_sentence

CATALOGUES = read_catalogues(["cs", "en"])


@pytest.mark.parametrize("language", ["cs", "en"])
@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_a_sentence(cause: Cause, language: str) -> None:
    sentence = cause_sentence(CATALOGUES[language], cause, host="h.example", status=500)
    assert sentence.endswith(".")
    assert "%" not in sentence


def test_languages_differ() -> None:
    for cause in Cause:
        czech, english = (
            cause_sentence(CATALOGUES[each], cause, host="h", status=1) for each in ("cs", "en")
        )
        assert czech != english


@pytest.mark.parametrize(("status", "words"), [(404, "404 Not Found"), (799, "799"), (None, "with an error")])
def test_a_status_is_named_when_it_has_a_name(status: int | None, words: str) -> None:
    sentence = cause_sentence(CATALOGUES["en"], Cause.CLIENT_ERROR, host="h.example", status=status)
    assert sentence == f"Answered {words}."
