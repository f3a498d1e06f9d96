"""Times and numbers as people in both languages read them."""

from zoneinfo import ZoneInfo

import pytest

from relay.web.catalogue import read_catalogues
from relay.web.showing import Showing

NOW_MS = 1_800_000_000_000
WORDS = read_catalogues(["cs", "en"])
SPACE = "\N{NO-BREAK SPACE}"


def showing(language: str) -> Showing:
    return Showing(words=WORDS[language], language=language, zone=ZoneInfo("Europe/Prague"), now_ms=NOW_MS)


def test_a_moment_is_in_the_readers_zone_with_utc_beside_it() -> None:
    shown = str(showing("cs").time(NOW_MS))
    assert shown == (
        '<time datetime="2027-01-15T08:00:00Z" title="2027-01-15 08:00:00 UTC">'
        f"15.{SPACE}1.{SPACE}2027{SPACE}9:00:00</time>"
    )
    assert showing("en").plain_time(NOW_MS, "minute") == "15 Jan 2027, 09:00".replace(" ", SPACE)


@pytest.mark.parametrize(
    ("seconds", "czech", "english"),
    [
        (0, "nyní", "now"),
        (-1, "před 1 sekundou", "1 second ago"),
        (-300, "před 5 minutami", "5 minutes ago"),
        (-7200, "před 2 hodinami", "2 hours ago"),
        (-5 * 86400, "před 5 dny", "5 days ago"),
        (720, "za 12 minut", "in 12 minutes"),
    ],
)
def test_how_long_ago_is_told_in_words(seconds: int, czech: str, english: str) -> None:
    assert showing("cs").plain_ago(NOW_MS + seconds * 1000) == czech
    assert showing("en").plain_ago(NOW_MS + seconds * 1000) == english


def test_numbers_are_written_as_in_the_language() -> None:
    assert showing("cs").number(-1234.56, 1) == f"-1{SPACE}234,6"
    assert showing("en").number(-1234.56, 1) == "-1,234.6"
    assert showing("en").number(12) == "12"
    assert showing("cs").answer_time(1250) == f"1,2{SPACE}s"
    assert showing("en").answer_time(85) == f"85{SPACE}ms"
    assert showing("cs").span(26 * 3600) == "26 hodin"


def test_a_day_begins_where_the_reader_lives() -> None:
    assert showing("en").start_of_day_ms() == NOW_MS - 9 * 3600 * 1000
