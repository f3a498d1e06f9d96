"""Attempts in words: what came of each, and what was sent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from relay.decoder.facts import with_readings
from relay.device_pages.owned import Owned
from relay.domain.delivery import Cause
from relay.domain.endpoint import Endpoint
from relay.domain.rendering import Rendered, plain_body, preview
from relay.domain.signing import sign
from relay.domain.webhook import webhook_headers
from relay.errors import RelayError
from relay.store.facts import KnownMessage
from relay.store.one_message import DeliveryLog
from relay.store.records import KeptAttempt
from relay.web.causes import cause_sentence
from relay.web.curl import curl_command
from relay.web.option_faults import note_sentence

NOT_KEPT = "v1,…"
"""In place of signatures: what was signed is kept, and not each signature."""
_UNTOLD = frozenset({Cause.BLOCKED_ADDRESS, Cause.INTERNAL})
"""Their details are words for the log; nobody may map a network with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAttempt:
    """One attempt; `sentence` says why it did not deliver, `headers` what was sent with the body.

    `detail` is what else may be told, `parts` are the parts of its time, in words; `is_outdated` says that
    the endpoint was changed since.
    """

    attempt: KeptAttempt
    sentence: str
    note: str
    detail: str
    headers: str
    parts: Sequence[str]
    is_outdated: bool

    @property
    def answer(self) -> str:
        """Status, headers and the beginning of the body, as they came."""
        head = [str(self.attempt.status), *self.attempt.course.headers.splitlines()]
        return "\n".join(head) + (f"\n\n{self.attempt.answer}" if self.attempt.answer else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDelivery:
    """One delivery as a timeline; without `request` its endpoint is gone."""

    log: DeliveryLog
    attempts: Sequence[ShownAttempt]
    sentence: str
    request: Rendered | None = None
    curl: str = ""

    @property
    def body(self) -> str:
        """What is sent."""
        return self.request.body.decode() if self.request else ""


def shown_delivery(
    owned: Owned, log: DeliveryLog, known: KnownMessage, endpoint: Endpoint | None
) -> ShownDelivery:
    """A delivery with the request that its endpoint gets by its present settings."""
    request = _request(known, endpoint) if endpoint else None
    return ShownDelivery(
        log=log,
        attempts=[_shown(owned, log, attempt, request) for attempt in log.attempts],
        sentence=_sentence(owned, log.delivery.cause, log.host, None) if not log.attempts else "",
        request=request,
        curl=_curl(owned, log, request, endpoint) if endpoint and request else "",
    )


def attempt_sentence(owned: Owned, log: DeliveryLog, attempt: KeptAttempt) -> str:
    """Why an attempt did not deliver; empty when it did."""
    return _sentence(owned, attempt.cause, log.host, attempt.status)


def _sentence(owned: Owned, cause: str | None, host: str, status: int | None) -> str:
    if cause is None:
        return ""
    return cause_sentence(owned.show.words, Cause(cause), host=host, status=status)


def _shown(owned: Owned, log: DeliveryLog, attempt: KeptAttempt, request: Rendered | None) -> ShownAttempt:
    headers = _headers(request, log.delivery.webhook_id, attempt.at_ms // 1000, NOT_KEPT) if request else {}
    return ShownAttempt(
        attempt=attempt,
        sentence=attempt_sentence(owned, log, attempt),
        note=note_sentence(owned.show.words, attempt.note),
        detail="" if attempt.cause in _UNTOLD else attempt.detail,
        headers="\n".join(f"{name}: {value}" for name, value in headers.items()),
        parts=[*_parts(owned, attempt)],
        is_outdated=attempt.at_ms < log.changed_at_ms,
    )


def _parts(owned: Owned, attempt: KeptAttempt) -> Iterator[str]:
    """What took how long, in the order in which it happened; of a kept connection only the answer."""
    words, course, done_ms = owned.show.words, attempt.course, 0
    read_ms = None if course.answered_ms is None else attempt.duration_ms
    connection, encryption = (
        words.gettext("connection: %(time)s"),
        words.gettext("encryption (TLS): %(time)s"),
    )
    steps = (
        (words.gettext("name lookup: %(time)s"), course.looked_up_ms),
        (connection, course.reached_ms),
        (connection if course.reached_ms is None else encryption, course.connected_ms),
        (words.gettext("waiting for the answer: %(time)s"), course.answered_ms),
        (words.gettext("reading the answer: %(time)s"), read_ms),
    )
    for text, until_ms in steps:
        if until_ms is not None:
            yield text % {"time": owned.show.answer_time(max(0, until_ms - done_ms))}
            done_ms = until_ms


def _request(known: KnownMessage, endpoint: Endpoint) -> Rendered:
    """As the forwarder makes it, with secrets masked; where a template fails, the classic fields."""
    facts = with_readings(known.facts, known.settings) or known.facts
    try:
        return preview(endpoint.options, endpoint.url, facts)
    except (RelayError, ValueError):
        return Rendered(url=endpoint.url, body=plain_body(facts))


def _headers(request: Rendered, webhook_id: str, timestamp: int, signatures: str) -> dict[str, str]:
    headers = {**request.headers, **webhook_headers(webhook_id, timestamp, signatures)}
    if request.content_type is None:
        headers.pop("Content-Type", None)
        return headers
    return {**headers, "Content-Type": request.content_type}


def _curl(owned: Owned, log: DeliveryLog, request: Rendered, endpoint: Endpoint) -> str:
    """Signed now, so that a receiver that checks takes it for the next minutes."""
    webhook_id, timestamp = log.delivery.webhook_id, owned.now_ms // 1000
    signature = sign(endpoint.secret, webhook_id, timestamp, request.body)
    headers = _headers(request, webhook_id, timestamp, signature)
    return curl_command(request.url, headers, request.body, request.method)
