"""How an endpoint fares, with a clock moved by hand: case by case, and for any sequence of outcomes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.config.model import ForwarderSettings
from relay.domain.delivery import Cause, Outcome, Wish
from relay.domain.endpoint import CLOSED, EndpointState
from relay.domain.health import DEFAULT_POLICY, HEALTHY, Health, HealthPolicy, after_failure, after_success

NOW_MS = 1_800_000_000_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

ACTIVE, FAILING, SUSPENDED, PAUSED = EndpointState


def failed(cause: Cause = Cause.REFUSED, wish: Wish | None = None) -> Outcome:
    return Outcome(status=None, cause=cause, at_ms=NOW_MS, duration_ms=5, wish=wish)


def after_failures(count: int, health: Health = HEALTHY, now_ms: int = NOW_MS) -> Health:
    """All at the same moment."""
    for _ in range(count):
        health = after_failure(health, failed(), DEFAULT_POLICY, now_ms)
    return health


def probes(health: Health, count: int) -> list[int]:
    """The waits before probes that all fail, each made when it is due; in milliseconds."""
    waits = []
    for _ in range(count):
        assert health.probe_at_ms is not None
        now_ms = health.probe_at_ms
        health = after_failure(health, failed(), DEFAULT_POLICY, now_ms)
        assert health.probe_at_ms is not None
        waits.append(health.probe_at_ms - now_ms)
    return waits


def test_the_waits_between_probes_are_those_of_the_schedule() -> None:
    assert DEFAULT_POLICY.probe_schedule_seconds == ForwarderSettings().schedule[1:]
    assert DEFAULT_POLICY.suspend_after_seconds == ForwarderSettings().suspend_after


def test_a_few_failures_are_counted_and_change_nothing_else() -> None:
    assert after_failures(9) == Health(state=ACTIVE, failures=9, failing_since_ms=NOW_MS, cause=Cause.REFUSED)


def test_ten_failures_in_a_row_close_an_endpoint_and_the_first_probe_follows_soon() -> None:
    assert after_failures(10) == Health(
        state=FAILING, failures=10, failing_since_ms=NOW_MS, probe_at_ms=NOW_MS + 5000, cause=Cause.REFUSED
    )


def test_a_success_between_failures_begins_the_count_anew() -> None:
    assert after_failures(9, after_success(after_failures(9))).state is ACTIVE


def test_a_failing_endpoint_is_probed_by_the_schedule_and_a_suspended_one_daily() -> None:
    waits = probes(after_failures(10), 16)
    seconds = [wait / 1000 for wait in waits]
    schedule = list(DEFAULT_POLICY.probe_schedule_seconds[1:])
    assert seconds[:9] == schedule
    hours = [wait / HOUR_MS for wait in waits[9:]]
    # 75.6 h of the schedule and two days more of its last step, then the waits of a suspended one
    assert hours == [24, 24, 1, 6, 24, 24, 24]


@pytest.mark.parametrize(
    ("failures", "since_days", "state"),
    [(3, 30, ACTIVE), (4, 4.999, ACTIVE), (4, 5, SUSPENDED), (8, 4.999, ACTIVE), (9, 5, SUSPENDED)],
)
def test_an_active_endpoint_is_suspended_after_five_failures_and_five_days(
    failures: int, since_days: float, state: EndpointState
) -> None:
    long_ago = after_failures(failures)
    now_ms = NOW_MS + round(since_days * DAY_MS)
    assert after_failure(long_ago, failed(), DEFAULT_POLICY, now_ms).state is state


@pytest.mark.parametrize("wish", [failed(Cause.GONE), failed(Cause.SERVER_ERROR, Wish.DISABLE)])
@pytest.mark.parametrize("failures", [0, 1, 20])
def test_who_is_gone_or_wants_no_more_is_suspended_at_once(wish: Outcome, failures: int) -> None:
    health = after_failure(after_failures(failures), wish, DEFAULT_POLICY, NOW_MS)
    assert (health.state, health.probe_at_ms) == (SUSPENDED, NOW_MS + HOUR_MS)


def test_what_was_under_way_when_an_endpoint_was_suspended_is_no_probe() -> None:
    gone = failed(Cause.GONE)
    health = after_failure(HEALTHY, gone, DEFAULT_POLICY, NOW_MS)
    late = after_failure(health, gone, DEFAULT_POLICY, NOW_MS + 15_000)
    assert (late.failures, late.probe_at_ms) == (2, NOW_MS + HOUR_MS)
    probed = after_failure(late, gone, DEFAULT_POLICY, NOW_MS + HOUR_MS)
    assert probed.probe_at_ms == NOW_MS + 7 * HOUR_MS


def test_a_wish_about_one_message_suspends_nothing() -> None:
    outcome = failed(Cause.CLIENT_ERROR, Wish.ABORT_MESSAGE)
    assert after_failure(HEALTHY, outcome, DEFAULT_POLICY, NOW_MS).state is ACTIVE


@pytest.mark.parametrize("state", list(EndpointState))
def test_a_success_heals_everything_but_a_pause(state: EndpointState) -> None:
    health = replace(after_failures(30), state=state)
    assert after_success(health) == (HEALTHY if state is not PAUSED else Health(state=PAUSED))


def test_failures_while_paused_suspend_nothing_and_begin_no_probes() -> None:
    paused = Health(state=PAUSED)
    for _ in range(20):
        paused = after_failure(paused, failed(Cause.GONE), DEFAULT_POLICY, NOW_MS + 9 * DAY_MS)
    assert (paused.state, paused.probe_at_ms, paused.failures) == (PAUSED, None, 20)


def test_a_schedule_of_one_step_repeats_it() -> None:
    policy = HealthPolicy(probe_schedule_seconds=(7.0,), close_after_failures=1)
    health = HEALTHY
    for _ in range(5):
        health = after_failure(health, failed(), policy, NOW_MS)
        assert (health.state, health.probe_at_ms) == (FAILING, NOW_MS + 7000)


# --- whatever happens

outcomes = st.builds(failed, st.sampled_from(list(Cause)), st.none() | st.sampled_from(list(Wish))) | st.just(
    Outcome(status=204, cause=None, at_ms=0, duration_ms=1)
)
happenings = st.lists(st.tuples(outcomes, st.integers(0, 2 * DAY_MS)), max_size=30)
beginnings = st.sampled_from([HEALTHY, Health(state=PAUSED), after_failures(10), after_failures(25)])


def lived(health: Health, happened: list[tuple[Outcome, int]]) -> list[tuple[Health, Outcome, Health, int]]:
    """Each step: before, what happened, after, and when."""
    now_ms, steps = NOW_MS, []
    for outcome, later_ms in happened:
        now_ms += later_ms
        before = health
        if outcome.cause is None:
            health = after_success(before)
        else:
            health = after_failure(before, outcome, DEFAULT_POLICY, now_ms)
        steps.append((before, outcome, health, now_ms))
    return steps


@given(beginnings, happenings)
def test_exactly_closed_endpoints_have_a_time_for_their_next_probe_and_it_is_within_a_day(
    beginning: Health, happened: list[tuple[Outcome, int]]
) -> None:
    for _, _, health, now_ms in lived(beginning, happened):
        assert (health.probe_at_ms is not None) is (health.state in CLOSED)
        if health.probe_at_ms is not None:
            assert now_ms < health.probe_at_ms <= now_ms + DAY_MS


@given(beginnings, happenings)
def test_only_a_success_opens_and_only_a_person_pauses(
    beginning: Health, happened: list[tuple[Outcome, int]]
) -> None:
    for before, outcome, after, _ in lived(beginning, happened):
        assert (before.state is PAUSED) is (after.state is PAUSED)
        if outcome.cause is None and before.state is not PAUSED:
            assert after == HEALTHY
        if outcome.cause is not None and before.state in CLOSED:
            assert after.state in CLOSED
            assert not (before.state is SUSPENDED and after.state is FAILING)


@given(beginnings, happenings)
def test_an_endpoint_is_suspended_for_a_reason(
    beginning: Health, happened: list[tuple[Outcome, int]]
) -> None:
    for before, outcome, after, now_ms in lived(beginning, happened):
        if after.state is SUSPENDED and before.state is not SUSPENDED and not outcome.wants_no_more:
            assert after.failures >= 5
            assert after.failing_since_ms is not None
            assert now_ms - after.failing_since_ms >= 5 * DAY_MS


@given(beginnings, happenings)
def test_failures_are_counted_from_the_last_success(
    beginning: Health, happened: list[tuple[Outcome, int]]
) -> None:
    for before, outcome, after, now_ms in lived(beginning, happened):
        if outcome.cause is None:
            assert (after.failures, after.failing_since_ms, after.cause) == (0, None, None)
        else:
            assert after.failures == before.failures + 1
            assert after.failing_since_ms == (before.failing_since_ms or now_ms)
            assert after.cause is outcome.cause
