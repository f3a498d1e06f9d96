"""From a delivery to the HTTP request that carries it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from yarl import URL

from relay.domain.delivery import Delivery
from relay.domain.signing import sign, sign_publicly
from relay.domain.webhook import asking_body, classic_body, webhook_headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """An endpoint ready to be sent to: its URL judged, its secrets in clear."""

    endpoint_id: int
    revision: int
    url: URL
    secret: str
    previous_secret: str | None = None
    previous_secret_until_ms: int = 0
    installation_keys: Sequence[Ed25519PrivateKey] = ()


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
    if delivery.asks_downlink:
        body = asking_body(body)
    timestamp = int(now)
    signatures = " ".join(_signatures(destination, delivery.webhook_id, timestamp, body))
    return WebhookRequest(
        url=destination.url,
        headers=webhook_headers(delivery.webhook_id, timestamp, signatures),
        body=body,
    )


def _signatures(destination: Destination, webhook_id: str, timestamp: int, body: bytes) -> Iterator[str]:
    """A receiver takes the request when one of them is right."""
    yield sign(destination.secret, webhook_id, timestamp, body)
    if destination.previous_secret is not None and timestamp * 1000 < destination.previous_secret_until_ms:
        yield sign(destination.previous_secret, webhook_id, timestamp, body)
    for key in destination.installation_keys:
        yield sign_publicly(key, webhook_id, timestamp, body)
