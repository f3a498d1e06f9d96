import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.config import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", 0.5),
        ("0s", 0),
        ("15s", 15),
        ("5m", 300),
        ("2h", 7200),
        ("5d", 432_000),
        (" 90d ", 7_776_000),
    ],
)
def test_reads_a_number_and_its_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "15", "s", "1.5h", "-1s", "1h30m", "15 s", "15S", "1e3s", "٣s", "9" * 40 + "d"]
)
def test_refuses_anything_else_and_says_the_right_form(text: str) -> None:
    with pytest.raises(ValueError, match="a whole number and its unit, such as 500ms, 15s, 5m, 2h or 5d"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0s"), (0.25, "250ms"), (90, "90s"), (300, "5m"), (432_000, "5d")]
)
def test_writes_the_largest_unit_that_keeps_it_whole(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.integers(min_value=0, max_value=10**12))
def test_reads_back_what_it_wrote(ms: int) -> None:
    assert parse_duration(format_duration(ms / 1000)) == ms / 1000
