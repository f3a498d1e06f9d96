"""How often a device is heard is learned from it, whatever its habits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.rhythm import (
    PAUSES_TO_LEARN,
    SHORTEST_KEEP_ALIVE_SECONDS,
    UNKNOWN_RHYTHM,
    Rhythm,
    learn,
    silent_after_seconds,
)

MINUTE, HOUR, DAY = 60, 3600, 86_400
LEARNED = -1


def rhythm_of(*pauses: float) -> Rhythm:
    rhythm = UNKNOWN_RHYTHM
    for pause in pauses:
        rhythm = learn(rhythm, pause)
    return rhythm


@given(pause=st.integers(1, 10 * DAY), count=st.integers(PAUSES_TO_LEARN, 30))
def test_a_regular_device_has_its_own_pause(pause: int, count: int) -> None:
    rhythm = rhythm_of(*[pause] * count)
    assert rhythm.pause_seconds == pytest.approx(pause)
    assert silent_after_seconds(LEARNED, rhythm) == pytest.approx(max(SHORTEST_KEEP_ALIVE_SECONDS, 3 * pause))


@pytest.mark.parametrize("burst", [5, 50, 200])
def test_bursts_do_not_make_the_night_a_silence(burst: int) -> None:
    rhythm = rhythm_of(*([10.0] * burst + [DAY]) * 5 + [10.0] * burst)
    limit = silent_after_seconds(LEARNED, rhythm)
    assert limit is not None
    assert DAY * 1.5 < limit <= DAY * 3


def test_an_outage_is_forgotten_within_a_week_and_a_new_habit_is_learned() -> None:
    steady = [float(HOUR)] * 20
    after_outage = rhythm_of(*steady, 30.0 * DAY)
    assert HOUR <= after_outage.pause_seconds < DAY
    assert rhythm_of(*steady, 30.0 * DAY, *steady * 8).pause_seconds < 2 * HOUR
    slower = rhythm_of(*steady, *[float(DAY)] * 20)
    assert slower.pause_seconds == pytest.approx(DAY, rel=0.1)
    faster = rhythm_of(*[float(DAY)] * 20, *[float(HOUR)] * 24 * 30)
    assert faster.pause_seconds < 2 * HOUR


@given(st.lists(st.floats(-DAY, 100 * DAY), max_size=40))
def test_it_stays_within_what_was_seen(pauses: list[float]) -> None:
    seen = [pause for pause in pauses if pause > 0]
    rhythm = rhythm_of(*pauses)
    assert rhythm.pauses == len(seen)
    if seen:
        assert min(seen) * 0.99 <= rhythm.pause_seconds <= max(seen) * 1.01


@pytest.mark.parametrize(
    ("keep_alive", "pauses", "expected"),
    [
        (0, [HOUR] * 9, None),
        (7200, [], 7200),
        (7200, [HOUR] * 9, 7200),
        (LEARNED, [HOUR] * (PAUSES_TO_LEARN - 1), None),
        (LEARNED, [MINUTE] * 9, SHORTEST_KEEP_ALIVE_SECONDS),
    ],
)
def test_when_a_device_is_silent(keep_alive: int, pauses: list[float], expected: float | None) -> None:
    assert silent_after_seconds(keep_alive, rhythm_of(*pauses)) == expected
