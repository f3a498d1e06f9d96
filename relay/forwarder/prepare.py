"""From a delivery to the HTTP request that carries it."""

from dataclasses import dataclass

from yarl import URL

from relay import __version__
from relay.domain.delivery import Delivery
from relay.domain.signing import sign
from relay.domain.webhook import classic_body

USER_AGENT = f"sigfox-relay/{__version__}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """An endpoint ready to be sent to: its URL judged, its secret in clear."""

    endpoint_id: int
    revision: int
    url: URL
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRequest:
    """One POST, signed for one moment."""

    url: URL
    headers: dict[str, str]
    body: bytes


def prepare(delivery: Delivery, destination: Destination, now: float) -> WebhookRequest:
    """The request for one attempt at Unix time `now`; body and `webhook-id` are the same for each attempt."""
    body = classic_body(
        snr=delivery.snr,
        device=delivery.device_label,
        rssi=delivery.rssi,
        time=delivery.time,
        data=delivery.data,
    )
    timestamp = int(now)
    return WebhookRequest(
        url=destination.url,
        headers={
            "Content-Type": "application/json",
            "User-Agent": USER_AGENT,
            "webhook-id": delivery.webhook_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(destination.secret, delivery.webhook_id, timestamp, body),
        },
        body=body,
    )
