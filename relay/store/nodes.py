"""Which processes of the relay use this database."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from relay.store.driver import Do, Steps

BEAT_EVERY_SECONDS = 10.0
ALIVE_FOR_MS = 30_000
"""A node that was not seen for longer is thought to be dead."""
FORGOTTEN_AFTER_MS = 3600 * 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A process that ran at `seen_at_ms`; its name is unlike that of any other start."""

    name: str
    started_at_ms: int
    seen_at_ms: int
    version: str

    def is_alive(self, now_ms: int) -> bool:
        """Whether it was seen a moment ago."""
        return now_ms - self.seen_at_ms <= ALIVE_FOR_MS


def beat(node: Node) -> Steps[int]:
    """Say that this node is alive, and forget those that were not for long; the answer is how many live."""
    yield Do("put_node", [asdict(node)])
    yield Do("forget_nodes", [{"before_ms": node.seen_at_ms - FORGOTTEN_AFTER_MS}])
    known = yield from list_nodes()
    return sum(one.is_alive(node.seen_at_ms) for one in known)


def leave(name: str) -> Steps[None]:
    """This node ends in order."""
    yield Do("drop_node", [{"name": name}])


def list_nodes() -> Steps[Sequence[Node]]:
    """All that are known, the oldest first."""
    rows = yield Do("list_nodes")
    return [
        Node(
            name=row["name"],
            started_at_ms=row["started_at_ms"],
            seen_at_ms=row["seen_at_ms"],
            version=row["version"],
        )
        for row in rows
    ]
