"""What the books of a finished run come to."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.books import NEVER, Books
from bench.fleet import Mode

_QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}
_LATE_MS = 10
_BUSY_SHARE = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One run's figures; latencies count from the moment a message was due, not from when it was sent."""

    offered: int
    acked: int
    delivered: int
    lost: int  # acknowledged and deliverable, but never accepted
    duplicated: int  # accepted more than once
    misrouted: int
    corrupted: int
    unknown: int
    attempts: int
    resent: int
    answers: dict[str, int]
    offered_per_second: float
    acked_per_second: float
    delivered_per_second: float
    ack_ms: dict[str, float]
    arrival_ms: dict[str, float]
    lag_ms: dict[str, float]  # how late the generator itself was
    drain_seconds: float
    modes: dict[str, dict[str, Any]]
    first_fault: str | None
    sink_connections: int
    soaked_per_second: float  # taken from before the run, while callbacks were sent
    own_cpu_share: float
    closed_loop: bool
    relay: dict[str, float] = field(default_factory=dict)

    @property
    def faults(self) -> str:
        kinds = ("lost", "duplicated", "misrouted", "corrupted", "unknown")
        return ", ".join(f"{kind} {getattr(self, kind)}" for kind in kinds)

    @property
    def sound(self) -> bool:
        """Everything was acknowledged, and what could be delivered was, once and unharmed."""
        faults = (self.lost, self.duplicated, self.misrouted, self.corrupted, self.unknown)
        return (
            not any(faults)
            and self.acked == self.offered
            and all(answer.startswith("2") for answer in self.answers)
        )

    @property
    def warnings(self) -> list[str]:
        """Why the figures may be the generator's and not the relay's."""
        found = []
        if not self.closed_loop and self.lag_ms.get("p99", 0) > _LATE_MS:
            found.append(f"the generator was late: p99 {self.lag_ms['p99']} ms")
        if self.own_cpu_share > _BUSY_SHARE:
            found.append(f"generator and sink used {self.own_cpu_share:.0%} of a core")
        if self.first_fault:
            found.append(f"first fault: {self.first_fault}")
        return found

    def to_json(self) -> str:
        return json.dumps({"account": asdict(self), "sound": self.sound, "warnings": self.warnings}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> "Account":
        return cls(**json.loads(text)["account"])


def spread_ms(seconds: Iterable[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    if not ordered:
        return {}
    last = len(ordered) - 1
    quantiles = {name: ordered[min(last, int(share * len(ordered)))] for name, share in _QUANTILES.items()}
    return {name: round(1000 * value, 2) for name, value in (quantiles | {"max": ordered[-1]}).items()}


def settle_account(
    books: Books, *, started: float, cpu_share: float, closed_loop: bool,
    sink_connections: int, soaked_per_second: float, relay: dict[str, float],
) -> Account:  # fmt: skip
    numbers = range(len(books))
    acked = [n for n in numbers if books.acked[n] != NEVER]
    delivered = [n for n in numbers if books.acceptances[n]]
    last_sent = max(books.sent, default=started)
    last_accepted = max(books.accepted, default=started)
    return Account(
        offered=len(books),
        acked=len(acked),
        delivered=len(delivered),
        lost=sum(books.deliverable(n) and not books.acceptances[n] for n in acked),
        duplicated=sum(books.acceptances[n] > 1 for n in delivered),
        misrouted=books.misrouted,
        corrupted=books.corrupted,
        unknown=books.unknown,
        attempts=sum(books.arrivals),
        resent=books.resent,
        answers=dict(books.answers),
        offered_per_second=_rate(len(books), last_sent - started),
        acked_per_second=_rate(len(acked), max(books.acked, default=started) - started),
        delivered_per_second=_rate(len(delivered), last_accepted - started),
        ack_ms=spread_ms(books.acked[n] - books.due[n] for n in acked),
        arrival_ms=spread_ms(books.arrived[n] - books.due[n] for n in numbers if books.arrived[n] != NEVER),
        lag_ms=spread_ms(books.sent[n] - books.due[n] for n in numbers if books.sent[n] != NEVER),
        drain_seconds=round(max(0.0, last_accepted - last_sent), 2),
        modes={mode.value: _by_mode(books, mode) for mode in sorted({c.mode for c in books.fleet})},
        first_fault=books.first_fault,
        sink_connections=sink_connections,
        soaked_per_second=soaked_per_second,
        own_cpu_share=round(cpu_share, 3),
        closed_loop=closed_loop,
        relay=relay,
    )


def _by_mode(books: Books, mode: Mode) -> dict[str, Any]:
    numbers = [n for n in range(len(books)) if books.customer(n).mode is mode]
    arrived = (books.arrived[n] - books.due[n] for n in numbers if books.arrived[n] != NEVER)
    return {
        "offered": len(numbers),
        "delivered": sum(books.acceptances[n] > 0 for n in numbers),
        "attempts": sum(books.arrivals[n] for n in numbers),
        "arrival_ms": spread_ms(arrived),
    }


def _rate(count: int, seconds: float) -> float:
    return round(count / seconds, 1) if seconds > 0 else 0.0


def describe(account: Account) -> str:
    """The account for people."""
    lines = [
        f"offered    {account.offered} ({account.offered_per_second}/s), sent again {account.resent}",
        f"acked      {account.acked} ({account.acked_per_second}/s) {account.answers}",
        f"delivered  {account.delivered} ({account.delivered_per_second}/s), drain {account.drain_seconds} s",
        f"sink       {account.attempts} attempts over {account.sink_connections} connections",
        f"faults     {account.faults}",
        f"ack        {_spread(account.ack_ms)}",
        f"arrival    {_spread(account.arrival_ms)}",
        f"own        {account.own_cpu_share:.0%} of a core, lag {_spread(account.lag_ms)}",
    ]
    if len(account.modes) > 1:
        lines += [
            f"  {mode:8} offered {row['offered']}, delivered {row['delivered']}, attempts {row['attempts']},"
            f" first arrival {_spread(row['arrival_ms'])}"
            for mode, row in account.modes.items()
        ]
    if account.relay:
        lines.append("relay      " + ", ".join(f"{name} {value}" for name, value in account.relay.items()))
    lines += [f"note: {warning}" for warning in account.warnings]
    return "\n".join([*lines, "SOUND" if account.sound else "NOT SOUND"])


def _spread(quantiles: dict[str, float]) -> str:
    return ", ".join(f"{name} {value}" for name, value in quantiles.items()) + " ms" if quantiles else "-"
