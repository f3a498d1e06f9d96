"""Requests for endpoints that ask for more than the classic five fields."""

import logging

from relay.decoder.facts import with_readings
from relay.domain.delivery import Delivery, Note
from relay.domain.endpoint_options import PLAIN
from relay.domain.rendering import reads_payload
from relay.forwarder.prepare import Destination, WebhookRequest, prepare_formatted
from relay.store.facts import KnownMessage

_log = logging.getLogger(__name__)


def formatted(
    delivery: Delivery, known: KnownMessage, destination: Destination, now: float
) -> WebhookRequest:
    """The request for one attempt; where decoder or template fail, the plain one with a note of it."""
    options, note = destination.options or PLAIN, None
    facts = with_readings(known.facts, known.settings)
    if facts is None:
        note = Note.DECODER_FAILED if reads_payload(options, destination.url_template) else None
        facts = known.facts
    request = prepare_formatted(delivery, facts, destination, now, note)
    if request.note is not None:
        _log.warning("delivery.plain_instead", extra={"delivery": delivery.id, "why": request.note})
    return request
