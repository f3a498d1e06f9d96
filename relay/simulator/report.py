"""What became of the callbacks that the simulated cloud sent."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from relay.simulator.answer import Answer
from relay.simulator.shapes import CallbackRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request, numbered from 1: a status, or the cause that prevented one."""

    request: CallbackRequest
    number: int
    latency_ms: float
    status: int | None = None
    cause: str = ""
    answer: Answer = field(default_factory=Answer)

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The counts of one run.

    `sent` counts callbacks, `attempts` requests; `repeated` are attempts after the first one, `duplicated`
    callbacks sent again though accepted. `refused` counts attempts by status, `unanswered` by cause.
    `never_accepted` and `malformed` name what went wrong, in words. Latencies are those of answers.
    """

    sent: int = 0
    attempts: int = 0
    accepted: int = 0
    repeated: int = 0
    duplicated: int = 0
    refused: Mapping[int, int] = field(default_factory=dict)
    unanswered: Mapping[str, int] = field(default_factory=dict)
    never_accepted: tuple[str, ...] = ()
    downlinks: int = 0
    malformed: tuple[str, ...] = ()
    latencies_ms: tuple[float, ...] = ()

    @property
    def good(self) -> bool:
        """Whether each callback was accepted in the end, with an answer that Sigfox can use."""
        return not self.never_accepted and not self.malformed

    def latency_ms(self, share: float) -> float | None:
        """The latency that `share` (0 to 1) of the answers kept; None without any answer."""
        ranked = sorted(self.latencies_ms)
        return ranked[max(0, math.ceil(share * len(ranked)) - 1)] if ranked else None


class Tally:
    """Gathers one run while it goes on."""

    def __init__(self) -> None:
        self._sent = self._attempts = self._accepted = 0
        self._repeated = self._duplicated = self._downlinks = 0
        self._refused: Counter[int] = Counter()
        self._unanswered: Counter[str] = Counter()
        self._never_accepted: list[str] = []
        self._malformed: list[str] = []
        self._latencies_ms: list[float] = []

    def begin(self, *, duplicate: bool) -> None:
        self._sent += 1
        self._duplicated += duplicate

    def note(self, attempt: Attempt) -> None:
        self._attempts += 1
        self._repeated += attempt.number > 1
        if attempt.status is None:
            self._unanswered[attempt.cause] += 1
            return
        self._latencies_ms.append(attempt.latency_ms)
        if attempt.accepted:
            self._accept(attempt)
        else:
            self._refused[attempt.status] += 1

    def give_up(self, request: CallbackRequest) -> None:
        self._never_accepted.append(f"{request.kind} of {request.device_text}")

    def fault(self, request: CallbackRequest, fault: str) -> None:
        self._malformed.append(f"{request.kind} of {request.device_text}: {fault}")

    def report(self) -> Report:
        return Report(
            sent=self._sent,
            attempts=self._attempts,
            accepted=self._accepted,
            repeated=self._repeated,
            duplicated=self._duplicated,
            refused=dict(sorted(self._refused.items())),
            unanswered=dict(sorted(self._unanswered.items())),
            never_accepted=tuple(self._never_accepted),
            downlinks=self._downlinks,
            malformed=tuple(self._malformed),
            latencies_ms=tuple(self._latencies_ms),
        )

    def _accept(self, attempt: Attempt) -> None:
        self._accepted += 1
        self._downlinks += attempt.answer.downlink is not None
        if attempt.answer.fault is not None:
            self.fault(attempt.request, attempt.answer.fault)
