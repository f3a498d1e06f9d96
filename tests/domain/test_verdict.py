"""The schedule of retries, walked with a clock moved by hand."""

import os
import time
from collections import Counter
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.config.model import ForwarderSettings
from relay.domain.delivery import Cause, Outcome
from relay.domain.verdict import Delivered, DueAgain, Held, RetryPolicy, judge, retry_after_seconds
from relay.forwarder.send import cause_of_status

NOW = 1_800_000_000.0
HOUR = 3600.0
LONGEST = 29 * HOUR
WAITS = (0.0, 5.0, 30.0, 300.0, 1800.0, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
POLICY = RetryPolicy(schedule_seconds=WAITS)
NO_SPREAD = 0.5

failures = st.sampled_from(list(Cause))
spreads = st.floats(0, 1, exclude_max=True)
slow_causes = pytest.mark.parametrize(
    "cause", [Cause.RATE_LIMITED, Cause.READ_TIMEOUT, Cause.CONNECT_TIMEOUT]
)


def failed(cause: Cause | None = Cause.SERVER_ERROR, retry_after: str | None = None) -> Outcome:
    return Outcome(status=None, cause=cause, at_ms=0, duration_ms=0, retry_after=retry_after)


def wait_after(
    tries: int, outcome: Outcome, spread: float = NO_SPREAD, now: float = NOW, policy: RetryPolicy = POLICY
) -> float:
    verdict = judge(tries, outcome, policy, now, spread)
    assert isinstance(verdict, DueAgain)
    return verdict.at_ms / 1000 - now


# --- the schedule


def test_the_schedule_is_the_one_that_is_configured_when_nothing_is() -> None:
    assert ForwarderSettings().schedule == WAITS


def test_eleven_tries_over_three_days_then_held() -> None:
    now, tries = NOW, 1
    while isinstance(verdict := judge(tries, failed(Cause.DNS), POLICY, now, NO_SPREAD), DueAgain):
        now, tries = verdict.at_ms / 1000, tries + 1
    assert (tries, verdict) == (11, Held(Cause.DNS))
    assert now - NOW == pytest.approx(75.593 * HOUR, rel=1e-4)


@pytest.mark.parametrize("tries", range(1, 30))
def test_a_success_is_delivered_whatever_the_number_of_the_try(tries: int) -> None:
    assert judge(tries, failed(None, "3600"), POLICY, NOW, 0.0) == Delivered()


@pytest.mark.parametrize("cause", list(Cause))
def test_every_cause_is_tried_again_and_held_in_the_end(cause: Cause) -> None:
    assert isinstance(judge(10, failed(cause), POLICY, NOW, 0.0), DueAgain)
    assert judge(11, failed(cause), POLICY, NOW, 0.0) == Held(cause)
    assert judge(99, failed(cause), POLICY, NOW, 0.0) == Held(cause)


@pytest.mark.parametrize("tries", range(1, 11))
def test_retries_are_spread_by_fifteen_percent_both_ways(tries: int) -> None:
    base = WAITS[tries]
    assert wait_after(tries, failed(), spread=0.0) == pytest.approx(base * 0.85, abs=0.001)
    assert wait_after(tries, failed(), spread=0.5) == pytest.approx(base, abs=0.001)
    assert wait_after(tries, failed(), spread=0.999999) == pytest.approx(base * 1.15, rel=1e-5)


@pytest.mark.parametrize(
    "outcome",
    [failed(), failed(Cause.READ_TIMEOUT), failed(Cause.SERVER_ERROR, "600"), failed(retry_after="9" * 9)],
)
@pytest.mark.parametrize("tries", [1, 3, 10])
def test_ten_thousand_failures_at_once_do_not_come_back_at_once(tries: int, outcome: Outcome) -> None:
    waits = [wait_after(tries, outcome, spread=(n + 0.5) / 10_000) for n in range(10_000)]
    low, high = min(waits), max(waits)
    buckets = Counter(int((wait - low) / (high - low) * 50) for wait in waits)
    assert max(buckets.values()) <= 2 * 10_000 / 50


# --- what each status means


def expected_cause(status: int) -> Cause | None:
    if status in (410, 429):
        return {410: Cause.GONE, 429: Cause.RATE_LIMITED}[status]
    by_hundred = {2: None, 3: Cause.REDIRECT, 4: Cause.CLIENT_ERROR, 5: Cause.SERVER_ERROR}
    return by_hundred.get(status // 100, Cause.BAD_RESPONSE)


def test_only_two_hundreds_deliver() -> None:
    for status in range(100, 1000):
        cause = cause_of_status(status)
        assert cause == expected_cause(status), status
        verdict = judge(1, failed(cause), POLICY, NOW, NO_SPREAD)
        assert (verdict == Delivered()) == (200 <= status <= 299), status


# --- Retry-After


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("007", 7.0),
        ("9" * 400, 999_999_999_999.0),
        ("Fri, 15 Jan 2027 08:01:40 GMT", 100.0),
        ("Friday, 15-Jan-27 08:01:40 GMT", 100.0),
        ("Fri Jan 15 08:01:40 2027", 100.0),
        ("Fri, 15 Jan 2027 08:01:40 -0000", 100.0),
        ("Fri, 15 Jan 2027 10:01:40 +0200", 100.0),
        ("Fri, 15 Jan 2027 08:00:00 GMT", None),
        ("Sun, 06 Nov 1994 08:49:37 GMT", None),
        ("Fri, 99 Jan 2027 08:00:00 GMT", None),
        ("Fri, 15 Jan 99999999999 08:00:00 GMT", None),
        ("Fri, 15 Jan 2027 08:01:40 +99999999999", None),
        (None, None),
        ("", None),
        ("-5", None),
        ("+5", None),
        ("1.5", None),
        ("1e3", None),
        ("0x10", None),
        ("٣٠", None),
        ("²", None),
        ("soon", None),
        ("inf", None),
        ("nan", None),
        ("120, 240", None),
        ("\udcff\x00", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert datetime(2027, 1, 15, 8, tzinfo=UTC).timestamp() == NOW
    assert retry_after_seconds(header, NOW) == seconds


@pytest.fixture(params=["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def time_zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


def test_a_date_without_a_zone_does_not_depend_on_where_the_relay_stands(time_zone: str) -> None:
    assert os.environ["TZ"] == time_zone
    assert retry_after_seconds("Fri Jan 15 08:01:40 2027", NOW) == 100.0


@pytest.mark.parametrize(
    ("tries", "asked", "least"),
    [
        (1, 2, 5),  # never sooner than the schedule
        (1, 90, 90),
        (1, 3600, HOUR),
        (1, 3601, HOUR),
        (1, 10**9, HOUR),
        (5, 3 * 3600, 3 * HOUR),
        (5, 10**9, 4 * HOUR),
        (6, 10**9, 10 * HOUR),
        (10, 10**9, LONGEST / 1.15),
    ],
)
def test_retry_after_is_clamped(tries: int, asked: int, least: float) -> None:
    for header in (str(asked), format_datetime(datetime.fromtimestamp(min(NOW + asked, 9e9), UTC), True)):
        outcome = failed(Cause.SERVER_ERROR, header)
        waits = [wait_after(tries, outcome, spread) for spread in (0.0, 0.3, 0.6, 0.999)]
        assert waits == sorted(waits)
        assert waits[0] >= least * (0.85 if asked < WAITS[tries] else 1) - 0.001
        assert waits[-1] <= least * 1.15


@pytest.mark.parametrize("header", ["soon", "-1", "", "Sun, 06 Nov 1994 08:49:37 GMT", "0"])
def test_a_useless_retry_after_changes_nothing(header: str) -> None:
    assert wait_after(3, failed(retry_after=header)) == wait_after(3, failed())


@pytest.mark.parametrize("cause", [Cause.RATE_LIMITED, Cause.SERVER_ERROR, Cause.CLIENT_ERROR])
@given(spread=spreads, asked=st.integers(0, 3600), tries=st.integers(1, 4))
def test_a_receiver_is_not_asked_again_before_it_wants_to_be(
    cause: Cause, spread: float, asked: int, tries: int
) -> None:
    assert wait_after(tries, failed(cause, str(asked)), spread) >= asked - 0.001


# --- those that need rest


@slow_causes
@given(spread=spreads, tries=st.integers(1, 10), retry_after=st.sampled_from([None, "0", "1", "junk"]))
def test_rate_limits_and_time_outs_wait_a_minute_at_least(
    cause: Cause, spread: float, tries: int, retry_after: str | None
) -> None:
    wait = wait_after(tries, failed(cause, retry_after), spread)
    assert wait >= 60 - 0.001
    assert wait <= 1.15 * max(WAITS[tries], 60) + 0.001


# --- for all that may come


@given(
    tries=st.integers(1, 12),
    cause=failures,
    retry_after=st.none()
    | st.text(max_size=40)
    | st.integers(-(10**30), 10**30).map(str)
    | st.dates().map(str),
    now=st.floats(0, 9e9),
    spread=spreads,
    schedule=st.lists(st.floats(0, 24 * HOUR), min_size=1, max_size=12),
)
def test_never_raises_and_is_never_due_in_the_past_or_too_far_ahead(
    tries: int, cause: Cause, retry_after: str | None, now: float, spread: float, schedule: list[float]
) -> None:
    policy = RetryPolicy(schedule_seconds=tuple(schedule))
    verdict = judge(tries, failed(cause, retry_after), policy, now, spread)
    if tries >= len(schedule):
        assert verdict == Held(cause)
        return
    assert isinstance(verdict, DueAgain)
    wait = verdict.at_ms / 1000 - now
    assert schedule[tries] * 0.85 - 0.001 <= wait <= LONGEST + 0.001


@given(base=st.floats(0.01, 1000 * HOUR), spread=spreads, retry_after=st.none() | st.just("9" * 12))
def test_an_absurd_schedule_is_cut_to_what_a_clock_jump_may_cost(
    base: float, spread: float, retry_after: str | None
) -> None:
    policy = RetryPolicy(schedule_seconds=(0.0, base))
    assert 0 < wait_after(1, failed(retry_after=retry_after), spread, policy=policy) <= LONGEST + 0.001
