"""What people did to a device: written down, and read again by its owner."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from relay.domain.activity import Actor
from relay.store.driver import Do, Row, Steps

LAST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that was done, from an address of the internet; `action` may be of a later version."""

    id: int
    at_ms: int
    actor: str
    action: str
    facts: Mapping[str, str]
    address: str


def write_activity(
    device: int, actor: Actor, action: str, facts: Mapping[str, str], address: str, now_ms: int
) -> Steps[None]:
    """Write down that something was done."""
    entry_id = (yield Do("take_ids", [{"count": 1}]))[0]["first_id"]
    row = {
        "id": entry_id,
        "device": device,
        "at_ms": now_ms,
        "actor": actor,
        "action": action,
        "facts": json.dumps(facts),
        "address": address,
    }
    yield Do("insert_activity", [row])


def read_activity(device: int, before: int = LAST_ID, limit: int = 50) -> Steps[list[Entry]]:
    """What was done to a device, newest first; `before` is an entry's id."""
    rows = yield Do("activity_of_device", [{"device": device, "before": before, "limit": limit}])
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
