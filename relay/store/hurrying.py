"""Trying at once what waits for its next try."""

from relay.store.driver import Do, Steps
from relay.store.notices import about


def send_now(device: int, endpoint_id: int, now_ms: int) -> Steps[None]:
    """Make all deliveries of an endpoint due that wait for a later try."""
    yield Do("endpoint_waiting_now", [{"endpoint_id": endpoint_id, "now_ms": now_ms}])
    yield about(device, work=True)
