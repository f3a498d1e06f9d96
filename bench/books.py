"""The books of a run: every message is accounted for from its due time to each arrival."""

import time
from array import array
from collections import Counter
from collections.abc import Sequence

from bench.fleet import TAKES_MESSAGES, Customer
from bench.messages import callback_body, identify, same_fields, webhook_body

NEVER = 0.0


class Books:
    """Arrays by message number; times are of the monotonic clock, `NEVER` where nothing happened."""

    def __init__(self, run: int, fleet: Sequence[Customer]) -> None:
        self.run = run
        self.fleet = fleet
        self.due = array("d")
        self.sent = array("d")
        self.acked = array("d")
        self.arrived = array("d")  # first arrival, whatever the sink answered
        self.accepted = array("d")  # first arrival that the sink answered with 200
        self.arrivals = array("H")
        self.acceptances = array("H")
        self.answers: Counter[str] = Counter()
        self.misrouted = self.corrupted = self.unknown = 0
        self.first_fault: str | None = None
        self.resent = 0
        self.undelivered = 0  # acknowledged, deliverable, not accepted yet
        self._unix_seconds = array("L")

    def __len__(self) -> int:
        return len(self.due)

    def customer(self, number: int) -> Customer:
        return self.fleet[number % len(self.fleet)]

    def deliverable(self, number: int) -> bool:
        return self.customer(number).mode in TAKES_MESSAGES

    def open(self, due: float) -> int:
        """Enters one more message; returns its number."""
        for times in (self.sent, self.acked, self.arrived, self.accepted):
            times.append(NEVER)
        self.arrivals.append(0)
        self.acceptances.append(0)
        self._unix_seconds.append(0)
        self.due.append(due)
        return len(self.due) - 1

    def callback(self, number: int) -> bytes:
        """The callback's body; a repeat carries the time of the first one, as Sigfox's repeats do."""
        self._unix_seconds[number] = self._unix_seconds[number] or int(time.time())
        device = self.customer(number).device
        sequence = number // len(self.fleet)
        return callback_body(self.run, number, device, sequence, self._unix_seconds[number])

    def answer(self, number: int, answer: str, now: float) -> None:
        """Notes the relay's answer to a callback: a status, or the trouble that prevented one."""
        self.answers[answer] += 1
        if answer.startswith("2") and self.acked[number] == NEVER:
            self.acked[number] = now
            if self.accepted[number] == NEVER and self.deliverable(number):
                self.undelivered += 1

    def arrival(self, device: str, body: bytes, now: float) -> int | None:
        """Notes a webhook at the sink; returns the message's number, None for a stranger's."""
        number = self._recognise(body)
        if number is None:
            self._fault("unknown", body)
            return None
        self.arrivals[number] += 1
        if self.arrived[number] == NEVER:
            self.arrived[number] = now
        self._check(number, device, body)
        return number

    def accept(self, number: int, now: float) -> None:
        """The sink answers 200 to it."""
        self.acceptances[number] += 1
        if self.accepted[number] == NEVER:
            self.accepted[number] = now
            if self.acked[number] != NEVER:
                self.undelivered -= 1

    def _recognise(self, body: bytes) -> int | None:
        try:
            run, number = identify(body)
        except (ValueError, KeyError, TypeError):
            return None
        return number if run == self.run and number < len(self.due) else None

    def _check(self, number: int, device: str, body: bytes) -> None:
        sender = self.customer(number).device
        if device != sender:
            self._fault("misrouted", body)
        expected = webhook_body(self.run, number, sender, self._unix_seconds[number])
        if body != expected and not same_fields(body, expected):
            self._fault("corrupted", body)

    def _fault(self, kind: str, body: bytes) -> None:
        setattr(self, kind, getattr(self, kind) + 1)
        self.first_fault = self.first_fault or f"{kind}: {body[:300]!r}"
