"""Request bins: what was sent to them, the newest of it and for a while."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from relay.store.driver import Do, Row, Steps

MOST_BINS = 20_000
MOST_REQUESTS = 50
KEPT_SECONDS = 7 * 24 * 3600
FORGOTTEN_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught:
    """One request as it came; `cut` says that its body went on. `headers` are in the order of arrival."""

    at_ms: int
    method: str
    query: str
    headers: Sequence[tuple[str, str]]
    body: str
    cut: bool = False
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """A bin with its requests, newest first."""

    name: str
    expires_at_ms: int
    requests: Sequence[Caught]

    @property
    def newest_id(self) -> int:
        """Of its requests; 0 when there is none."""
        return self.requests[0].id if self.requests else 0


def open_bin(name: str, now_ms: int) -> Steps[bool]:
    """Make a bin; false when there are too many."""
    ids = yield Do("take_ids", [{"count": 1}])
    row = {
        "id": ids[0]["first_id"],
        "name": name,
        "now_ms": now_ms,
        "expires_at_ms": now_ms + KEPT_SECONDS * 1000,
        "most": MOST_BINS,
    }
    return bool((yield Do("insert_bin", [row])))


def catch(name: str, caught: Caught) -> Steps[bool]:
    """Keep a request; false when there is no such bin."""
    rows = yield Do("find_bin", [{"name": name, "now_ms": caught.at_ms}])
    if not rows:
        return False
    ids = yield Do("take_ids", [{"count": 1}])
    row = {
        "id": ids[0]["first_id"],
        "bin_id": rows[0]["id"],
        "at_ms": caught.at_ms,
        "method": caught.method,
        "query": caught.query,
        "headers": json.dumps(caught.headers),
        "body": caught.body,
        "cut": int(caught.cut),
    }
    yield Do("insert_bin_request", [row])
    yield Do("trim_bin", [{"bin_id": rows[0]["id"], "kept": MOST_REQUESTS}])
    return True


def look_into(name: str, now_ms: int) -> Steps[Bin | None]:
    """A bin with what it caught; None when there is none, or no longer."""
    rows = yield Do("find_bin", [{"name": name, "now_ms": now_ms}])
    if not rows:
        return None
    caught = yield Do("requests_of_bin", [{"bin_id": rows[0]["id"], "limit": MOST_REQUESTS}])
    requests = [_caught(row) for row in caught]
    return Bin(name=name, expires_at_ms=rows[0]["expires_at_ms"], requests=requests)


def newest_in(name: str, now_ms: int) -> Steps[int | None]:
    """The id of the newest request, 0 when there is none; None when there is no such bin."""
    rows = yield Do("find_bin", [{"name": name, "now_ms": now_ms}])
    if not rows:
        return None
    newest = yield Do("newest_of_bin", [{"bin_id": rows[0]["id"]}])
    return int(newest[0]["id"] or 0)


def forget_bins(now_ms: int) -> Steps[int]:
    """Let go of a batch of bins whose time is over; the answer is how many."""
    return len((yield Do("forget_bins", [{"now_ms": now_ms, "limit": FORGOTTEN_AT_ONCE}])))


def _caught(row: Row) -> Caught:
    return Caught(
        id=row["id"],
        at_ms=row["at_ms"],
        method=row["method"],
        query=row["query"],
        headers=[(name, value) for name, value in json.loads(row["headers"])],
        body=row["body"],
        cut=bool(row["cut"]),
    )
