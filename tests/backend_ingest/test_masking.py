"""No secret is left in a refused callback that is kept."""

import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.backend_ingest.masking import Masking

SECRET = "s1gF0x_UqLrTnZpXvB9mKjHgWdEyCaOi"
PASSWORD = "p4ss.w0rd+$"
ODD = 'all ASCII / is "taken" \\%&+'
MASKING = Masking([SECRET, PASSWORD, ODD, ""])


def percent(text: str) -> str:
    return "".join(f"%{ord(one):02X}" for one in text)


def mixed(text: str) -> str:
    return percent(text[:9]) + text[9:]


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(one):04X}" for one in text)


def in_json(text: str) -> str:
    return json.dumps(text)[1:-1].replace("/", "\\/")


@pytest.mark.parametrize("spelling", [str, str.upper, percent, quote, quote_plus, escaped, in_json, mixed])
@pytest.mark.parametrize("secret", [SECRET, PASSWORD, ODD])
def test_every_spelling_of_a_secret_is_masked(secret: str, spelling: Callable[[str], str]) -> None:
    assert MASKING.text(f"a {spelling(secret)}b{spelling(secret)}", 1000) == "a ***b***"


@given(before=st.integers(0, 300), longest=st.integers(0, 300))
def test_no_part_of_a_secret_is_left_where_a_text_is_cut(before: int, longest: int) -> None:
    masked = MASKING.text("-" * before + percent(SECRET) * 3 + "-" * 99, longest)
    assert len(masked) <= longest
    assert set(masked) <= {"-", "*"}


@pytest.mark.parametrize(
    ("method", "kind", "has_path_secret", "query", "line"),
    [
        ("GET", "data", False, "", "GET /sigfox/data"),
        ("GET", "data", True, "device=1A", "GET /sigfox/data/***?device=1A"),
        ("POST", None, False, "", "POST /sigfox/***"),
        ("GET", "data", False, f"x={SECRET}&a=b", "GET /sigfox/data?x=***&a=b"),
        ("GET", "data", False, "secret=nearly&a=b", "GET /sigfox/data?secret=***&a=b"),
        ("GET", "data", False, "Token=x&apikey=y&pass=z", "GET /sigfox/data?Token=***&apikey=***&pass=***"),
    ],
)
def test_the_request_line(
    method: str, kind: str | None, has_path_secret: bool, query: str, line: str
) -> None:
    assert MASKING.request_line(method, kind, has_path_secret, query) == line


@pytest.mark.parametrize(
    ("authorization", "shown"),
    [
        (f"Bearer {SECRET}", "Bearer ***"),
        ("basic dTpw", "basic ***"),
        ("nearly-the-secret", "***"),
        ("nearly the secret", "***"),
    ],
)
def test_of_authorization_only_the_scheme_is_kept(authorization: str, shown: str) -> None:
    headers = {"Host": "relay", "Authorization": authorization, "Cookie": "a=b", "User-Agent": f"x {SECRET}"}
    assert MASKING.headers(headers) == f"Host: relay\nUser-Agent: x ***\nAuthorization: {shown}"


def test_text_is_what_every_database_holds() -> None:
    masked = MASKING.text("a\0b\udcffc", 100)
    assert masked == "a\N{REPLACEMENT CHARACTER}b?c"
    assert json.dumps(masked)


@given(st.text())
def test_without_secrets_text_stays(text: str) -> None:
    kept = text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    assert Masking([]).text(text, 10_000) == kept
