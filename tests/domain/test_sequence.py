"""What sequence numbers tell: any order of arrivals, wraps, repeats and new starts."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.sequence import (
    NOTHING_SEEN,
    SETTLED_AFTER_MS,
    Sequence,
    Sighting,
    Step,
    follow,
    settle,
)

START = 1_800_000_000
NOW_MS = START * 1000
MODULOS = st.sampled_from([128, 256, 4096, 65536])


@dataclass(slots=True)
class Story:
    """Follows numbers as they arrive."""

    modulo: int = 4096
    sequence: Sequence = NOTHING_SEEN
    missed: int = 0
    resets: int = 0
    steps: list[Step] = field(default_factory=list)

    def arrive(self, number: int, time: int, *, time_given: bool = True, at_ms: int = NOW_MS) -> None:
        seen = Sighting(number=number % self.modulo, time=time, at_ms=at_ms, time_given=time_given)
        step = follow(self.sequence, seen, self.modulo)
        self.steps.append(step)
        self.sequence, self.missed = step.sequence, self.missed + step.missed
        self.resets += step.out_of_sequence


def story(*numbers: int, modulo: int = 4096) -> Story:
    """Each number a minute after the one before."""
    told = Story(modulo=modulo)
    for place, number in enumerate(numbers):
        told.arrive(number, START + 60 * place)
    return told


@pytest.mark.parametrize(
    ("numbers", "missed", "resets"),
    [
        ((1, 2, 3), 0, 0),
        ((1, 4), 2, 0),
        ((4095, 0), 0, 0),
        ((4094, 1), 2, 0),
        ((7, 7, 7), 0, 0),
        ((5,), 0, 0),
        ((20, 0, 1, 2), 0, 1),
        ((3000, 5), 1100, 0),
        ((100, 2300), 0, 1),
        ((100, 2148), 2047, 0),
    ],
)
def test_what_is_missing(numbers: tuple[int, ...], missed: int, resets: int) -> None:
    told = story(*numbers)
    assert (told.missed, told.resets) == (missed, resets)
    assert told.sequence.last == numbers[-1]


@given(
    modulo=MODULOS,
    first=st.integers(0, 65535),
    sent=st.lists(st.booleans(), min_size=1, max_size=50),
    data=st.data(),
    time_given=st.booleans(),
)
def test_whatever_the_order_of_arrival_only_what_never_came_is_missing(
    modulo: int, first: int, sent: list[bool], data: st.DataObject, time_given: bool
) -> None:
    received = [place for place, came in enumerate(sent, 1) if came]
    arrivals = data.draw(st.permutations(received + data.draw(st.sampled_from([[], received[:3]]))))
    if not time_given:  # then only small disorder can be told from a new start
        arrivals = [place for place in arrivals if max(received) - place < 30]
        received = sorted(set(arrivals))
    told = Story(modulo=modulo)
    told.arrive(first, START)
    for turn, place in enumerate(arrivals, 1):
        told.arrive(first + place, START + (60 * place if time_given else turn), time_given=time_given)
    assert told.missed == max(received, default=0) - len(received)
    assert told.resets == 0
    assert sum(gap.missing for gap in told.sequence.gaps) == told.missed


@given(modulo=MODULOS, count=st.integers(2, 300))
def test_without_a_loss_nothing_ever_happens(modulo: int, count: int) -> None:
    told = story(*range(modulo - 5, modulo - 5 + count), modulo=modulo)
    assert (told.missed, told.resets, told.sequence.gaps) == (0, 0, ())


@given(
    modulo=MODULOS,
    arrivals=st.lists(
        st.tuples(st.integers(0, 65535), st.integers(0, 10_000), st.booleans()), min_size=1, max_size=40
    ),
)
def test_no_order_of_any_numbers_breaks_the_books(modulo: int, arrivals: list[tuple[int, int, bool]]) -> None:
    told = Story(modulo=modulo)
    for number, seconds, time_given in arrivals:
        told.arrive(number, START + seconds, time_given=time_given)
    assert told.missed == sum(gap.missing for gap in told.sequence.gaps) >= 0
    assert all(gap.missing > 0 for gap in told.sequence.gaps)


def test_a_late_one_counts_where_it_was_missed() -> None:
    told = Story()
    told.arrive(1, START)
    told.arrive(4, START + 5000)
    told.arrive(2, START + 10)
    assert [(step.missed, step.time) for step in told.steps] == [
        (0, 0),
        (2, START + 5000),
        (-1, START + 5000),
    ]


def test_what_arrives_late_after_a_new_start_is_no_loss() -> None:
    told = Story()
    told.arrive(2000, START + 100)
    told.arrive(10, START + 200)
    told.arrive(1999, START + 99)
    assert (told.missed, told.resets, told.sequence.last) == (0, 1, 10)


def test_a_gap_is_settled_after_a_while_as_one() -> None:
    told = Story()
    told.arrive(1, START)
    told.arrive(10, START + 60)
    told.arrive(5, START + 30)
    assert settle(told.sequence, NOW_MS + SETTLED_AFTER_MS - 1) == (told.sequence, [])
    settled, gaps = settle(told.sequence, NOW_MS + SETTLED_AFTER_MS)
    assert settled.gaps == ()
    assert [(gap.first, gap.missing) for gap in gaps] == [(2, 7)]
