"""From a delivery to the HTTP request that carries it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from msgspec import Struct
from yarl import URL

from relay.domain.delivery import Delivery, Note
from relay.domain.endpoint_options import PLAIN, EndpointOptions, Format
from relay.domain.facts import Facts
from relay.domain.rendering import Rendered, plain_body, render
from relay.domain.signing import Signer, sign, sign_publicly
from relay.domain.target import TargetPolicy, parse_target
from relay.domain.uplink import Kind
from relay.domain.webhook import asking_body, classic_body, webhook_headers
from relay.errors import TargetRefused


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """An endpoint ready to be sent to: its URL judged, its secrets in clear.

    `host` is where it lives, empty for a bin of the relay itself. `options` is None for the classic five
    fields and nothing besides. `url_template` is the URL as its owner wrote it; what a template makes of it
    is judged by `policy`.
    """

    endpoint_id: int
    revision: int
    url: URL
    secret: str
    host: str = ""
    previous_secret: str | None = None
    previous_secret_until_ms: int = 0
    public_signers: Sequence[Signer] = ()
    options: EndpointOptions | None = None
    url_template: str = ""
    policy: TargetPolicy = field(default_factory=TargetPolicy)

    def is_plain_for(self, delivery: Delivery) -> bool:
        """Whether the delivery itself holds all that `prepare` needs."""
        return self.options is None and delivery.kind is Kind.DATA


class WebhookRequest(Struct, frozen=True, kw_only=True):
    """One request, signed for one moment; `note` says why it is not in the format that was asked for."""

    url: URL
    headers: dict[str, str]
    body: bytes
    method: str = "POST"
    note: Note | None = None


def prepare(delivery: Delivery, destination: Destination, now: float) -> WebhookRequest:
    """The classic request for one attempt at Unix time `now`.

    Body and `webhook-id` are the same for each attempt.
    """
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


def prepare_formatted(
    delivery: Delivery, facts: Facts, destination: Destination, now: float, note: Note | None = None
) -> WebhookRequest:
    """The request in the endpoint's own format; the plain one where that fails, or failed before (`note`).

    Raises:
        ValueError: Not even the plain one can be made.
    """
    rendered, url = _plain(destination, facts), destination.url
    if note is None:
        try:
            rendered, url = _formatted(destination, facts)
        except TargetRefused:
            note = Note.URL_REFUSED
        except Exception:  # whatever an owner's template does, the message is brought
            note = Note.TEMPLATE_FAILED
    body = asking_body(rendered.body) if delivery.asks_downlink and rendered.is_ours else rendered.body
    timestamp = int(now)
    signatures = " ".join(_signatures(destination, delivery.webhook_id, timestamp, body))
    headers = webhook_headers(delivery.webhook_id, timestamp, signatures, rendered.content_type)
    return WebhookRequest(
        method=rendered.method,
        url=url,
        headers={**rendered.headers, **headers},
        body=body,
        note=note,
    )


def _plain(destination: Destination, facts: Facts) -> Rendered:
    options = destination.options or PLAIN
    return Rendered(url=destination.url_template, headers=dict(options.headers), body=plain_body(facts))


def _formatted(destination: Destination, facts: Facts) -> tuple[Rendered, URL]:
    options = destination.options or PLAIN
    rendered = render(options, destination.url_template, facts)
    if options.format is not Format.TEMPLATE:
        return rendered, destination.url
    return rendered, parse_target(rendered.url, destination.policy)


def _signatures(destination: Destination, webhook_id: str, timestamp: int, body: bytes) -> Iterator[str]:
    """A receiver takes the request when one of them is right."""
    yield sign(destination.secret, webhook_id, timestamp, body)
    if destination.previous_secret is not None and timestamp * 1000 < destination.previous_secret_until_ms:
        yield sign(destination.previous_secret, webhook_id, timestamp, body)
    for signer in destination.public_signers:
        yield sign_publicly(signer, webhook_id, timestamp, body)
