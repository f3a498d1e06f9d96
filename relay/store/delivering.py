"""How deliveries are claimed and given back."""

from collections.abc import Sequence

from relay.domain.delivery import Delivery
from relay.domain.device import parse_device_id
from relay.domain.endpoint import EndpointState, SealedEndpoint
from relay.domain.uplink import Kind
from relay.store.driver import Do, Row, Steps
from relay.store.notices import Notice, about

MOST_CRASHES = 3
"""A delivery that was held by the process when it ended so often is given up: it may be what ends it."""


def claim_due(node: str, now_ms: int, lease_until_ms: int, limit: int) -> Steps[list[Delivery]]:
    """Lease what is due to this node, counting the attempt that follows."""
    lease = {"node": node, "now_ms": now_ms, "lease_until_ms": lease_until_ms, "limit": limit}
    claimed = yield Do("claim_due", [lease])
    admitted = yield from _admit(claimed, node, now_ms, most_crashes=0)
    if len(admitted) < len(claimed) == limit:
        yield Notice(work=True)  # the answer is short, but more may be due
    return admitted


def claim_suspects(
    node: str, now_ms: int, lease_until_ms: int, *, crashes: tuple[int, int], limit: int
) -> Steps[list[Delivery]]:
    """Lease deliveries that were in as many crashes, from the least to the most."""
    least, most = crashes
    lease = {"node": node, "now_ms": now_ms, "lease_until_ms": lease_until_ms, "limit": limit}
    claimed = yield Do("claim_suspects", [{**lease, "least": least, "most": most}])
    return (yield from _admit(claimed, node, now_ms, most_crashes=most))


def _admit(claimed: Sequence[Row], node: str, now_ms: int, *, most_crashes: int) -> Steps[list[Delivery]]:
    """Of what was claimed, hold back what is for a closed endpoint, and bury what crashed too often.

    What turns out to have been in one crash more than the others is claimed again, among its like.
    """
    if not claimed:
        return []
    rows = yield Do("read_delivery", [{"id": each} for each in sorted(row["id"] for row in claimed)])
    # Of what was promised to an endpoint that is gone there is no such row.
    orphans = {row["id"] for row in claimed} - {row["id"] for row in rows}
    yield Do("bury_orphan", [{"id": each, "node": node, "now_ms": now_ms} for each in sorted(orphans)])
    alive = [row for row in rows if row["crashes"] < MOST_CRASHES]
    yield from _bury([row for row in rows if row["crashes"] >= MOST_CRASHES], node, now_ms)
    closed = [row for row in alive if not _may_go(row)]
    yield from _hold(closed, node, now_ms)
    admitted = [read_delivery(row) for row in alive if _may_go(row)]
    yield from give_back([one for one in admitted if one.crashes > most_crashes], node, now_ms)
    return [one for one in admitted if one.crashes <= most_crashes]


def _hold(closed: Sequence[Row], node: str, now_ms: int) -> Steps[None]:
    yield Do("hold_claimed", [{"id": row["id"], "node": node, "now_ms": now_ms} for row in closed])
    yield _about_devices(closed)


def _about_devices(rows: Sequence[Row]) -> Notice:
    return about(*(parse_device_id(row["device_text"]) for row in rows))


def _bury(crashed: Sequence[Row], node: str, now_ms: int) -> Steps[None]:
    yield Do("bury_crashed", [{"id": row["id"], "node": node, "now_ms": now_ms} for row in crashed])
    yield Do("go_on_in_order", [{"endpoint_id": row["endpoint_id"]} for row in crashed])
    yield _about_devices(crashed)


def _may_go(row: Row) -> bool:
    return bool(row["state"] == EndpointState.ACTIVE or row["probe_delivery_id"] == row["id"])


def sealed_endpoint(row: Row) -> SealedEndpoint:
    """The endpoint's part of a joined row."""
    return SealedEndpoint(
        id=row["endpoint_id"],
        revision=row["revision"],
        url_sealed=row["url_sealed"],
        secret_sealed=row["secret_sealed"],
        previous_secret_sealed=row["previous_secret_sealed"],
        previous_secret_until_ms=row["previous_secret_until_ms"] or 0,
        troubled=row["failures"] > 0 or row["state"] != EndpointState.ACTIVE,
        ordered=bool(row["ordered"]),
        options_sealed=row["options_sealed"],
    )


def read_delivery(row: Row) -> Delivery:
    """A delivery, with the message's own facts and its endpoint, from its joined row."""
    return Delivery(
        id=row["id"],
        webhook_id=row["webhook_id"],
        endpoint=sealed_endpoint(row),
        attempt=row["attempts"],
        tries=row["tries"],
        device_label=row["device_text"].upper(),
        time=row["time"],
        data=row["data"],
        snr=row["snr"],
        rssi=row["rssi"],
        received_at_ms=row["received_at_ms"],
        lease_until_ms=row["due_at_ms"],
        crashes=row["crashes"],
        kind=Kind(row["kind"]),
    )


def give_back(deliveries: Sequence[Delivery], node: str, now_ms: int, *, work: bool = False) -> Steps[None]:
    """Return leases unused; the attempts that were counted for them are taken back.

    `work` says that whoever has room should take them at once.
    """
    if work:
        yield Notice(work=True)
    yield Do(
        "give_back",
        [{"id": one.id, "attempt": one.attempt, "node": node, "now_ms": now_ms} for one in deliveries],
    )
