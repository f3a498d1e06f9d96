"""Charts: round ticks, lines that end at gaps, bars, and nothing but numbers and escaped text."""

import re

import pytest

from relay.web.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Chart, Mark, Point, draw_chart
from relay.web.scale import runs, scale_of


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 140, (0, 50, 100, 150)),
        (9.5, 21.5, (5, 10, 15, 20, 25)),
        (-137, -120.5, (-140, -135, -130, -125, -120)),
        (3.31, 3.33, (3.31, 3.315, 3.32, 3.325, 3.33)),
        (0.1, 0.4, (0.1, 0.2, 0.3, 0.4)),
    ],
)
def test_ticks_are_round_and_enclose_all(low: float, high: float, ticks: tuple[float, ...]) -> None:
    scale = scale_of(low, high)
    assert scale.ticks == ticks
    assert (scale.low, scale.high) == (ticks[0], ticks[-1])


def test_one_value_alone_has_an_axis() -> None:
    assert scale_of(7.5, 7.5).low < 7.5 < scale_of(7.5, 7.5).high
    assert scale_of(0, 1, whole=True).ticks == (0, 1)
    assert scale_of(1e300, 1e300).high >= 1e300


def test_a_line_ends_where_values_were_missing() -> None:
    assert runs([0, 10, 20, 60, 70]) == [range(3), range(3, 5)]
    assert runs([0, 10, 20, 50, 60]) == [range(5)]  # three times the usual pause is none
    assert runs([5]) == [range(1)]
    assert runs([]) == []


def chart(points: list[Point], bar_seconds: int = 0, title: str = "x") -> str:
    marks = [Mark(at=50, text="<b>noon</b>")]
    return draw_chart(
        Chart(title=title, points=points, since=0, until=100, marks=marks, write=str, bar_seconds=bar_seconds)
    )


def test_a_line_goes_from_edge_to_edge() -> None:
    picture = chart([Point(at=0, value=0), Point(at=50, value=5), Point(at=100, value=10)])
    (line,) = re.findall(r'class="line" d="M([^"]*)"', picture)
    middle_x, middle_y = LEFT + (WIDTH - LEFT - RIGHT) / 2, TOP + (HEIGHT - TOP - BOTTOM) / 2
    assert [tuple(map(float, place.split())) for place in line.split("L")] == [
        (LEFT, HEIGHT - BOTTOM),
        (middle_x, middle_y),
        (WIDTH - RIGHT, TOP),
    ]
    assert picture.count('class="dot"') == 3


def test_a_gap_parts_a_line_and_a_band_shows_the_extremes() -> None:
    at = [0, 10, 20, 80, 90]
    picture = chart([Point(at=each, value=each, low=each - 1, high=each + 1) for each in at])
    assert (picture.count('class="line"'), picture.count('class="band"')) == (2, 2)


def test_bars_stand_on_zero_and_none_is_drawn_for_nothing() -> None:
    picture = chart([Point(at=0, value=0), Point(at=50, value=3)], bar_seconds=50)
    (bars,) = re.findall(r'class="bar" d="([^"]*)"', picture)
    assert bars.count("z") == 1
    assert f" {HEIGHT - BOTTOM}V{TOP}" in bars.replace(".0", "")


def test_text_is_escaped_and_nothing_is_styled_in_place() -> None:
    picture = chart([Point(at=1, value=1)], title='"><script>')
    assert "<script>" not in picture
    assert "<b>" not in picture
    assert "style=" not in picture
    assert "nan" not in picture
