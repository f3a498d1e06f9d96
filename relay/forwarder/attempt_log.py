"""What the log says of attempts and endpoints."""

import logging
from typing import assert_never

from relay.domain.delivery import Delivery, Outcome
from relay.domain.verdict import Dead, Delivered, DueAgain, Held, Verdict
from relay.store.settling import HealthChange

_log = logging.getLogger(__name__)


def log_attempt(delivery: Delivery, outcome: Outcome, verdict: Verdict) -> None:
    """The one line of an attempt, with all that support needs to find it again."""
    _log.info(
        "delivery.attempted",
        extra={
            "delivery": delivery.id,
            "webhook_id": delivery.webhook_id,
            "device": delivery.device_label,
            "endpoint": delivery.endpoint.id,
            "attempt": delivery.attempt,
            "status": outcome.status,
            "cause": outcome.cause,
            "ms": outcome.duration_ms,
            "verdict": word_of(verdict),
            "due_at_ms": verdict.at_ms if isinstance(verdict, DueAgain) else None,
        },
    )


def log_health(change: HealthChange) -> None:
    """An endpoint was closed or opened."""
    _log.warning(
        "endpoint.changed",
        extra={
            "endpoint": change.endpoint_id,
            "state": change.after.state,
            "was": change.before.state,
            "failures": change.after.failures,
            "cause": change.after.cause,
        },
    )


def word_of(verdict: Verdict) -> str:
    """A verdict in a word, for the log and the metrics."""
    match verdict:
        case Delivered():
            return "delivered"
        case DueAgain():
            return "due_again"
        case Held():
            return "held"
        case Dead():
            return "dead"
        case _:
            assert_never(verdict)
