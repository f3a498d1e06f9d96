"""Shares of link quality, and answer times, from a sample."""

from zoneinfo import ZoneInfo

import pytest

from relay.device_pages.chart_range import read_range
from relay.device_pages.quality import answer_series, lqi_shares, percentile, quality_steps
from relay.domain.radio import Radio
from relay.store.thinning import Answer, Payload

NOW = 1_800_000_000
PRAGUE = ZoneInfo("Europe/Prague")
DAY = 86_400


def payload(days_ago: int, lqi: str = "") -> Payload:
    radio = Radio(lqi=lqi).to_json() if lqi else ""
    return Payload(time=NOW - days_ago * DAY, data="00", radio=radio)


def answer(duration_ms: int, status: int | None = 200, endpoint_id: int = 1) -> Answer:
    return Answer(
        endpoint_id=endpoint_id,
        at_ms=NOW * 1000 - 1000,
        duration_ms=duration_ms,
        status=status,
        is_success=status == 200,
    )


@pytest.mark.parametrize(
    ("query", "count", "seconds"),
    [
        ({"range": "24h"}, 24, 3600),
        ({"range": "7d"}, 7, DAY),
        ({"range": "31d"}, 31, DAY),
        ({"range": "1y"}, 53, 7 * DAY),
    ],
)
def test_each_step_is_long_enough_to_hold_some_of_the_sample(
    query: dict[str, str], count: int, seconds: int
) -> None:
    steps, length = quality_steps(read_range(query, PRAGUE, NOW), PRAGUE)
    assert (len(steps), length) == (count, seconds)


def test_link_qualities_are_shares_of_the_messages_of_a_step() -> None:
    steps, _ = quality_steps(read_range({"range": "7d"}, PRAGUE, NOW), PRAGUE)
    messages = [
        payload(1, "EXCELLENT"),
        payload(1, "GOOD"),
        payload(1, "LIMIT"),
        payload(1),
        payload(0, "GOOD"),
    ]
    series = lqi_shares(messages, steps)
    assert series is not None
    assert [list(shares) for shares in series.shares] == [[25, 25, 0, 25, 25], [0, 100, 0, 0, 0]]
    assert str(series.facts) == "of 4 that came with one, 75 % excellent or good"
    assert lqi_shares([payload(1), payload(0)], steps) is None
    assert lqi_shares([], steps) is None


def test_answer_times_and_successes_are_told_for_each_endpoint() -> None:
    asked = read_range({"range": "24h"}, PRAGUE, NOW)
    steps, _ = quality_steps(asked, PRAGUE)
    answers = [*(answer(each) for each in range(1, 101)), answer(15_000, None), answer(7, 500, endpoint_id=2)]
    first, taken, second, failed = answer_series(answers, asked, steps, {1: "a.example", 2: "b.example"})
    (point,) = first.points
    assert (point.value, point.low, point.high) == (50.5, 1, 95)
    assert str(first.facts) == "median 50 ms, 95 % within 95 ms"
    assert str(taken.facts) == "99 % of 101 attempts"
    assert second.unit == "ms · b.example"
    assert [list(shares) for shares in failed.shares] == [[0, 100]]
    (only,) = answer_series([answer(9, None)], asked, steps, {})
    assert only.key == "taken.1"  # nothing answered, so there are no times


@pytest.mark.parametrize(("values", "found"), [([5], 5), ([1, 2], 2), ([*range(1, 21)], 19)])
def test_a_percentile_is_one_of_the_values(values: list[int], found: int) -> None:
    assert percentile(values, 95) == found
