"""Whose turn it is, checked case by case and against a simple model."""

import random
from collections import Counter

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from relay.domain.delivery import Delivery
from relay.domain.endpoint import Endpoint
from relay.forwarder.lanes import Lanes, Limits
from relay.forwarder.sample import sample_delivery

ROOMY = Limits(total=1000, per_endpoint=1000, per_address=1000)


def delivery(number: int, endpoint_id: int) -> Delivery:
    endpoint = Endpoint(id=endpoint_id, device=0xA0, url="", secret="")
    return replace(sample_delivery(endpoint, "A0", f"msg_{number}", 0), id=number)


def filled(limits: Limits, *endpoints: int, address: str | None = None) -> Lanes:
    """Deliveries numbered from 0, each to the endpoint given."""
    lanes = Lanes(limits)
    for number, endpoint in enumerate(endpoints):
        lanes.add(delivery(number, endpoint), address)
    return lanes


def taken(lanes: Lanes) -> list[int]:
    """The endpoints of all that may start now."""
    endpoints = []
    while one := lanes.take():
        endpoints.append(one.endpoint.id)
    return endpoints


def forgotten(lanes: Lanes) -> bool:
    """Is nothing kept, once nobody waits or runs?"""
    assert lanes.take() is None
    return not (lanes._lanes or lanes._turn or lanes._addresses or lanes._slow.parked) and (
        (lanes.waiting, lanes.in_flight) == (0, 0)
    )


def test_nothing_waits_and_nothing_is_taken() -> None:
    assert Lanes(ROOMY).take() is None


def test_endpoints_take_turns() -> None:
    lanes = filled(ROOMY, 1, 1, 1, 1, 2, 2, 3)
    assert taken(lanes) == [1, 2, 3, 1, 2, 1, 1]


def test_an_endpoints_deliveries_start_in_the_order_in_which_they_came() -> None:
    lanes = filled(ROOMY, 1, 1, 1)
    assert [one.id for one in iter(lanes.take, None)] == [0, 1, 2]


def test_a_newcomer_waits_for_one_turn_only() -> None:
    lanes = filled(ROOMY, *[1] * 100, *[2] * 100)
    for _ in range(50):
        lanes.take()
    lanes.add(delivery(1000, 3))
    assert [one.endpoint.id for _ in range(3) if (one := lanes.take())] == [1, 2, 3]


def test_one_endpoint_has_no_more_than_its_limit() -> None:
    lanes = filled(Limits(total=100, per_endpoint=2, per_address=100), 1, 1, 1, 1, 1, 2)
    assert taken(lanes) == [1, 2, 1]
    lanes.done(1)
    assert taken(lanes) == [1]
    lanes.done(2)
    assert taken(lanes) == []


def test_all_together_have_no_more_than_the_limit() -> None:
    lanes = filled(Limits(total=2, per_endpoint=2, per_address=2), 1, 2, 3)
    assert taken(lanes) == [1, 2]
    lanes.done(2)
    assert taken(lanes) == [3]


def test_endpoints_at_one_address_share_its_limit_from_the_first_attempt() -> None:
    lanes = filled(Limits(total=100, per_endpoint=2, per_address=3), *range(10), address="192.0.2.1")
    lanes.add(delivery(99, 99), "192.0.2.2")
    assert taken(lanes) == [0, 1, 2, 99]
    lanes.done(0)
    assert taken(lanes) == [3]


def test_endpoints_whose_address_is_unknown_are_limited_once_it_is_learned() -> None:
    lanes = filled(Limits(total=100, per_endpoint=1, per_address=2), *range(5), *range(5))
    assert taken(lanes) == [0, 1, 2, 3, 4]
    for endpoint in range(5):
        lanes.learn(endpoint, "192.0.2.1")
    for endpoint in range(3):
        lanes.done(endpoint)
    assert taken(lanes) == []
    lanes.done(3)
    assert taken(lanes) == [0]


def test_those_that_wait_for_an_address_take_turns() -> None:
    lanes = filled(Limits(total=100, per_endpoint=1, per_address=1), *[1, 2, 3] * 3, address="192.0.2.1")
    order = []
    while one := lanes.take():
        order.append(one.endpoint.id)
        lanes.done(one.endpoint.id)
    assert sorted(order[:3]) == sorted(order[3:6]) == sorted(order[6:]) == [1, 2, 3]


def test_a_full_address_does_not_hold_up_another() -> None:
    lanes = filled(Limits(total=100, per_endpoint=1, per_address=1), *range(50), address="192.0.2.1")
    assert taken(lanes) == [0]
    lanes.add(delivery(99, 99), "192.0.2.2")
    assert taken(lanes) == [99]


def test_all_that_wait_for_an_address_start_when_its_attempts_turn_out_to_go_elsewhere() -> None:
    lanes = filled(Limits(total=100, per_endpoint=2, per_address=2), 1, 1, 2, 3, 4, address="192.0.2.1")
    assert taken(lanes) == [1, 2]
    lanes.learn(1, "192.0.2.9")
    lanes.learn(2, "192.0.2.9")
    assert sorted(taken(lanes)) == [3, 4]


def test_a_lane_that_moves_while_it_waits_for_its_address_holds_up_nobody_there() -> None:
    lanes = filled(Limits(total=100, per_endpoint=2, per_address=1), 1, 2, 3, address="192.0.2.1")
    assert taken(lanes) == [1]
    lanes.add(delivery(9, 2), "192.0.2.2")
    assert taken(lanes) == [2]
    lanes.done(1)
    assert taken(lanes) == [3]


def test_what_is_learned_of_an_endpoint_that_has_nothing_to_do_leaves_no_trace() -> None:
    lanes = Lanes(ROOMY)
    lanes.learn(1, "192.0.2.1")
    assert forgotten(lanes)


def test_draining_takes_all_that_wait_and_lets_the_rest_end() -> None:
    lanes = filled(Limits(total=2, per_endpoint=1, per_address=1), 1, 1, 2, 3, address="192.0.2.1")
    assert taken(lanes) == [1]
    assert sorted(one.id for one in lanes.drain()) == [1, 2, 3]
    assert lanes.drain() == []
    assert lanes.take() is None
    lanes.done(1)
    assert forgotten(lanes)


def test_lanes_work_on_after_draining() -> None:
    lanes = filled(Limits(total=9, per_endpoint=1, per_address=1), 1, 1, 2, address="192.0.2.1")
    assert taken(lanes) == [1]
    lanes.drain()
    lanes.add(delivery(7, 1), "192.0.2.1")
    lanes.add(delivery(8, 2), "192.0.2.1")
    lanes.done(1)
    assert taken(lanes) == [2]
    lanes.done(2)
    assert taken(lanes) == [1]


def test_a_drained_lane_takes_its_turn_again() -> None:
    lanes = filled(Limits(total=9, per_endpoint=2, per_address=1), 1, 1, 2, address="192.0.2.1")
    assert taken(lanes) == [1]
    lanes.drain()
    lanes.add(delivery(7, 1), "192.0.2.1")
    assert taken(lanes) == []
    lanes.done(1)
    assert taken(lanes) == [1]


def test_closing_an_endpoint_takes_out_what_waits_for_it_and_nothing_else() -> None:
    lanes = filled(Limits(total=1, per_endpoint=1, per_address=1), 1, 1, 2, 1)
    assert taken(lanes) == [1]
    assert [one.id for one in lanes.close(1)] == [1, 3]
    assert lanes.close(1) == lanes.close(99) == []
    lanes.done(1)
    assert taken(lanes) == [2]


def test_slow_endpoints_have_half_of_the_room() -> None:
    lanes = filled(Limits(total=4, per_endpoint=1, per_address=9), 1, 2, 3, 4, 5, 6)
    for slow in (1, 2, 3, 4):
        lanes.mark(slow, slow=True)
    assert taken(lanes) == [1, 2, 5, 6]
    lanes.done(5)
    assert taken(lanes) == []
    lanes.mark(3, slow=False)
    assert taken(lanes) == [3]


def test_endpoints_that_turn_out_to_be_slow_are_counted_while_they_run() -> None:
    lanes = filled(Limits(total=4, per_endpoint=1, per_address=9), 1, 2, 3, 4, 1, 2, 3, 4)
    assert taken(lanes) == [1, 2, 3, 4]
    for slow in (1, 2, 3):
        lanes.mark(slow, slow=True)
    lanes.done(1)
    assert taken(lanes) == []
    lanes.done(2)
    assert taken(lanes) == [1]


def test_an_endpoint_stays_slow_while_it_has_nothing_to_do() -> None:
    lanes = filled(Limits(total=2, per_endpoint=2, per_address=9), 1)
    assert taken(lanes) == [1]
    lanes.mark(1, slow=True)
    lanes.done(1)
    lanes.add(delivery(1, 1))
    lanes.add(delivery(2, 1))
    assert taken(lanes) == [1]


def test_a_slow_endpoint_whose_address_is_full_keeps_no_room_from_the_other_slow_ones() -> None:
    lanes = filled(Limits(total=2, per_endpoint=1, per_address=1), 1)
    assert taken(lanes) == [1]
    lanes.mark(1, slow=True)
    for endpoint, address in ((2, "192.0.2.1"), (3, "192.0.2.2")):
        lanes.mark(endpoint, slow=True)
        lanes.add(delivery(endpoint, endpoint), address)
    assert taken(lanes) == []  # both wait for room among the slow ones
    lanes.add(delivery(4, 4), "192.0.2.1")
    assert taken(lanes) == [4]
    lanes.done(1)
    assert taken(lanes) == [3]


def test_nodes_share_what_is_allowed_to_an_endpoint_and_to_an_address() -> None:
    lanes = Lanes(Limits(total=20, per_endpoint=4, per_address=6))
    lanes.share(2)
    for number in range(10):
        lanes.add(delivery(number, number // 5), "192.0.2.1")
    assert taken(lanes) == [0, 1, 0]
    lanes.share(1)
    assert taken(lanes) == [1, 0, 1]
    lanes.share(3)
    for endpoint in (0, 0, 1, 1):
        lanes.done(endpoint)
        assert taken(lanes) == []
    lanes.done(1)
    assert taken(lanes) == [1]


def test_each_node_may_always_make_one_attempt() -> None:
    assert Limits(total=20, per_endpoint=2, per_address=8).shared(9) == Limits(
        total=20, per_endpoint=1, per_address=1
    )


endpoints = st.integers(0, 5)
addresses = st.sampled_from(["192.0.2.1", "192.0.2.2"])


class AgainstAModel(RuleBasedStateMachine):
    """The model: what waits and runs for each endpoint, where it was last seen, and who is slow."""

    @initialize(total=st.integers(1, 6), per_endpoint=st.integers(1, 2), per_address=st.integers(1, 2))
    def begin(self, total: int, per_endpoint: int, per_address: int) -> None:
        self.limits = Limits(total=total, per_endpoint=per_endpoint, per_address=per_address)
        self.lanes = Lanes(self.limits)
        self.own = self.limits
        self.added = 0
        self.waiting: dict[int, list[int]] = {}
        self.running: Counter[int] = Counter()
        self.address: dict[int, str] = {}
        self.slow: set[int] = set()

    @rule(wanted=st.lists(st.tuples(endpoints, st.none() | addresses), min_size=1, max_size=10))
    def add(self, wanted: list[tuple[int, str | None]]) -> None:
        for endpoint, address in wanted:
            self.lanes.add(delivery(self.added, endpoint), address)
            self.waiting.setdefault(endpoint, []).append(self.added)
            self.added += 1
            if address:
                self.address[endpoint] = address

    @rule(most=st.integers(1, 10))
    def take(self, most: int) -> None:
        for _ in range(most):
            one = self.lanes.take()
            if one is None:
                assert not any(self.may_start(endpoint) for endpoint in self.waiting)
                return
            endpoint = one.endpoint.id
            assert self.may_start(endpoint)
            assert self.waiting[endpoint].pop(0) == one.id
            self.running[endpoint] += 1

    @precondition(lambda self: any(self.running.values()))
    @rule(choice=st.randoms(use_true_random=False), address=st.none() | addresses)
    def end(self, choice: random.Random, address: str | None) -> None:
        endpoint = choice.choice(sorted(self.running.elements()))
        self.learn(endpoint, address)
        self.lanes.done(endpoint)
        self.running[endpoint] -= 1

    @rule(endpoint=endpoints, address=st.none() | addresses)
    def learn(self, endpoint: int, address: str | None) -> None:
        self.lanes.learn(endpoint, address)
        if address and endpoint in self.lanes._lanes:
            self.address[endpoint] = address

    @rule(marks=st.dictionaries(endpoints, st.booleans(), min_size=1))
    def mark(self, marks: dict[int, bool]) -> None:
        for endpoint, slow in marks.items():
            self.lanes.mark(endpoint, slow=slow)
            self.slow = self.slow | {endpoint} if slow else self.slow - {endpoint}

    @rule(nodes=st.integers(1, 3))
    def share(self, nodes: int) -> None:
        self.lanes.share(nodes)
        self.own = self.limits.shared(nodes)

    @rule(endpoint=endpoints)
    def close(self, endpoint: int) -> None:
        assert [one.id for one in self.lanes.close(endpoint)] == self.waiting.pop(endpoint, [])

    @rule()
    def drain(self) -> None:
        drained = [one.id for one in self.lanes.drain()]
        assert sorted(drained) == sorted(number for numbers in self.waiting.values() for number in numbers)
        self.waiting.clear()

    def may_start(self, endpoint: int) -> bool:
        address = self.address.get(endpoint)
        return (
            bool(self.waiting.get(endpoint))
            and self.running.total() < self.limits.total
            and self.running[endpoint] < self.own.per_endpoint
            and (address is None or self.at(address) < self.own.per_address)
            and (endpoint not in self.slow or self.slow_running < self.limits.slow)
        )

    @property
    def slow_running(self) -> int:
        return sum(self.running[endpoint] for endpoint in self.slow)

    def at(self, address: str) -> int:
        return sum(self.running[endpoint] for endpoint, at in self.address.items() if at == address)

    @invariant()
    def counters_agree(self) -> None:
        if not hasattr(self, "lanes"):
            return
        self.address = {one: at for one, at in self.address.items() if one in self.lanes._lanes}
        assert self.lanes.waiting == sum(len(numbers) for numbers in self.waiting.values())
        assert self.lanes.in_flight == self.running.total() <= self.limits.total
        counted = {place.name: place.in_flight for place in self.lanes._addresses.values()}
        assert counted == {at: self.at(at) for at in self.address.values()}
        assert self.lanes._slow.in_flight == self.slow_running

    def teardown(self) -> None:
        """Whatever happened: all that was added is taken in the end, each once."""
        if not hasattr(self, "lanes"):
            return
        while self.lanes.waiting or self.lanes.in_flight:
            while one := self.lanes.take():
                self.waiting[one.endpoint.id].remove(one.id)
                self.running[one.endpoint.id] += 1
            running = +self.running
            assert running, "something waits, nothing runs, and nothing may start"
            endpoint = min(running)
            self.lanes.done(endpoint)
            self.running[endpoint] -= 1
        assert not any(self.waiting.values())
        assert forgotten(self.lanes)


TestAgainstAModel = AgainstAModel.TestCase
TestAgainstAModel.settings = settings(stateful_step_count=40)
