"""A bounded sample of refused callbacks, for operators who ask why a message did not come."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from relay.store.driver import Do, Row, Steps

MOST_KEPT = 100
"""Of strangers, and as many again of senders who had the secret: strangers cannot crowd those out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedCallback:
    """A callback that was not taken, without its secrets. `known`: the sender had the secret."""

    at_ms: int
    known: bool
    address: str
    status: int
    reason: str
    request_line: str
    headers: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalCount:
    """How often callbacks were refused for one reason since the database was made."""

    status: int
    reason: str
    count: int
    last_at_ms: int


Tally = Mapping[tuple[int, str], int]
"""How often, by status and reason."""


def keep_refused(sample: Sequence[RefusedCallback], tally: Tally, now_ms: int) -> Steps[None]:
    """Add to the sample and to the counts, and let the oldest of the sample go."""
    if sample:
        first_id = (yield Do("take_ids", [{"count": len(sample)}]))[0]["first_id"]
        yield Do(
            "insert_refused",
            [
                {**asdict(one), "id": first_id + position, "known": int(one.known)}
                for position, one in enumerate(sample)
            ],
        )
        yield Do("trim_refused", [{"known": known, "kept": MOST_KEPT} for known in (0, 1)])
    yield Do(
        "count_refused",
        [
            {"status": status, "reason": reason, "refusals": count, "at_ms": now_ms}
            for (status, reason), count in sorted(tally.items())
        ],
    )


def list_refused(limit: int) -> Steps[list[tuple[int, RefusedCallback]]]:
    """The newest of the sample with their ids, newest first."""
    rows = yield Do("list_refused", [{"limit": limit}])
    return [(row["id"], _read(row)) for row in rows]


def find_refused(refused_id: int) -> Steps[RefusedCallback | None]:
    """One of the sample."""
    rows = yield Do("read_refused", [{"id": refused_id}])
    return _read(rows[0]) if rows else None


def refusal_counts(limit: int) -> Steps[list[RefusalCount]]:
    """What callbacks are refused for, the most frequent first."""
    rows = yield Do("refusal_counts", [{"limit": limit}])
    return [
        RefusalCount(
            status=row["status"], reason=row["reason"], count=row["refusals"], last_at_ms=row["last_at_ms"]
        )
        for row in rows
    ]


def _read(row: Row) -> RefusedCallback:
    return RefusedCallback(
        at_ms=row["at_ms"],
        known=bool(row["known"]),
        address=row["address"],
        status=row["status"],
        reason=row["reason"],
        request_line=row["request_line"],
        headers=row["headers"],
        body=row["body"],
    )
