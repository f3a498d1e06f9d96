"""What people did to a device: written down, and read again by its owner."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from relay.domain.activity import Deed
from relay.store.driver import Do, Row, Steps

LAST_ID = 2**63 - 1
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was done, from an address of the internet; `action` may be of a later version."""

    id: int
    at_ms: int
    actor: str
    action: str
    facts: Mapping[str, str]
    address: str


def write_activity(deed: Deed) -> Steps[None]:
    """Write down that something was done."""
    row = {
        "id": (yield Do("take_ids", [{"count": 1}]))[0]["first_id"],
        "device": deed.device,
        "at_ms": deed.at_ms,
        "actor": deed.doer.actor,
        "action": deed.action,
        "facts": json.dumps(dict(deed.facts)),
        "address": deed.doer.address,
    }
    yield Do("insert_activity", [row])


def _when_done(answer: object) -> Mapping[str, str] | None:
    return {} if answer else None


def always(_: object) -> Mapping[str, str]:
    """Whatever the answer is, it was done."""
    return {}


def noted(
    steps: Steps[T], deed: Deed | None, facts_of: Callable[[T], Mapping[str, str] | None] = _when_done
) -> Steps[T]:
    """Do something and write it down, or neither; without a deed nobody needs to know.

    `facts_of` adds what only the answer tells; None says that nothing was done. Unless told otherwise, an
    empty answer says so.
    """
    answer = yield from steps
    facts = facts_of(answer)
    if deed is not None and facts is not None:
        yield from write_activity(replace(deed, facts={**deed.facts, **facts}))
    return answer


def read_activity(device: int, before: int = LAST_ID, limit: int = 50) -> Steps[list[Entry]]:
    """What was done to a device, newest first; `before` is an entry's id."""
    rows = yield Do("activity_of_device", [{"device": device, "before": before, "limit": limit}])
    return [_entry(row) for row in rows]


def read_address_changes(device: int, limit: int) -> Steps[list[Entry]]:
    """What of it changed where the messages of a device go, newest first."""
    rows = yield Do("address_changes_of_device", [{"device": device, "limit": limit}])
    return [_entry(row) for row in rows]


def _entry(row: Row) -> Entry:
    return Entry(
        id=row["id"],
        at_ms=row["at_ms"],
        actor=row["actor"],
        action=row["action"],
        facts=json.loads(row["facts"]),
        address=row["address"],
    )
