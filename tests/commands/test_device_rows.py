"""Device files as people write them, and as they break."""

import pytest

from relay.commands.device_rows import read_csv, unknown_columns
from relay.domain.target import TargetPolicy
from relay.errors import RelayError


def read(text: str) -> tuple[list[tuple[str, str]], list[str]]:
    good, bad = read_csv(text, TargetPolicy(), {"default"})
    return [(row.label, row.email) for row in good], [f"line {one.line}: {one.reason}" for one in bad]


@pytest.mark.parametrize(
    "header",
    ["device,token,email", "Device,Token,E-mail", "device; token; E mail", "\ufeffDEVICE,TOKEN,EMAIL"],
)
def test_headings_may_be_spelled_as_people_spell_them(header: str) -> None:
    separator = ";" if ";" in header else ","
    assert read(f"{header}\r\n{separator.join(('a1', '', 'me@example.com'))}\r\n") == (
        [("A1", "me@example.com")],
        [],
    )
    assert unknown_columns(header) == []


@pytest.mark.parametrize("text", [f"device\n{'A' * 200_000}\n", 'device\nA1\n"A2\nA3\n', 'device\n"A1"x\n'])
def test_a_file_whose_lines_have_no_end_is_refused_with_the_line(text: str) -> None:
    with pytest.raises(RelayError, match=r"^line \d: not CSV: "):
        read(text)


def test_an_address_that_the_form_would_not_take_is_a_bad_line() -> None:
    assert read("device,email\nA1,ž@example.com\nA2,a@localhost\nA3,a@xn--pklad-zsa96e.cz\n")[1][
        0
    ].startswith("line 2: email 'ž@example.com': ")
