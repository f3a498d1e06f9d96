"""When a lost database is tried again."""

from relay.store.backoff import FIRST_SECONDS, LONGEST_SECONDS, Backoff


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_nothing_failed_yet() -> None:
    assert not Backoff(Clock()).is_resting


def test_each_failure_in_a_row_makes_the_rest_longer_up_to_a_limit() -> None:
    clock = Clock()
    backoff = Backoff(clock)
    for rest in (FIRST_SECONDS, 2 * FIRST_SECONDS, 4 * FIRST_SECONDS):
        backoff.failed()
        clock.now += 0.99 * rest
        assert backoff.is_resting
        clock.now += 0.02 * rest
        assert not backoff.is_resting
    for _ in range(2000):
        backoff.failed()
        clock.now += LONGEST_SECONDS
        assert not backoff.is_resting


def test_who_fails_while_it_rests_makes_it_no_longer() -> None:
    clock = Clock()
    backoff = Backoff(clock)
    for _ in range(10):
        backoff.failed()
    clock.now += 1.01 * FIRST_SECONDS
    assert not backoff.is_resting


def test_a_success_forgets_the_failures() -> None:
    clock = Clock()
    backoff = Backoff(clock)
    backoff.failed()
    backoff.worked()
    assert not backoff.is_resting
    backoff.failed()
    clock.now += 1.01 * FIRST_SECONDS
    assert not backoff.is_resting
