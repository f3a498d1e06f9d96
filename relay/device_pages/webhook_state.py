"""How a webhook fares, in a word and in sentences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from relay.device_pages.owned import Owned
from relay.domain.device_status import EndpointFacts
from relay.domain.endpoint import EndpointState
from relay.store.endpoints import Backlog, EndpointSummary
from relay.web.catalogue import phrase
from relay.web.causes import cause_sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookState:
    """The word is one of `webhook_tag` in `devices/webhook_parts.html`."""

    word: str
    sentence: str
    cause: str


def webhook_state(owned: Owned, summary: EndpointSummary, facts: EndpointFacts) -> WebhookState:
    """How it fares, and why."""
    health, words = summary.health, owned.show.words
    cause = cause_sentence(words, health.cause, host=summary.host, status=None) if health.cause else ""
    return WebhookState(
        word=_word(summary), sentence=_sentence(owned, summary, facts), cause=cause if health.failures else ""
    )


def backlog_choices(owned: Owned, held: int) -> Sequence[tuple[Backlog, str, str]]:
    """What may become of the held messages when they are sent again: value, label and hint."""
    words, later = owned.show.words, owned.say(phrase("What is given up stays listed and can be sent later."))
    everything = words.ngettext("Send %(num)s message", "Send all %(num)s, oldest first", held)
    newest = words.ngettext(
        "Send only the newest, give %(num)s up", "Send only the newest, give %(num)s up", held - 1
    )
    nothing = words.ngettext("Give %(num)s message up", "Give all %(num)s up", held)
    choices = [
        (Backlog.ALL, everything, held, ""),
        (Backlog.NEWEST, newest, held - 1, later),
        (Backlog.DISCARD, nothing, held, later),
    ]
    return [
        (backlog, label % {"num": owned.show.number(count)}, hint)
        for backlog, label, count, hint in choices
        if count
    ]


def _word(summary: EndpointSummary) -> str:
    health = summary.health
    return "retrying" if health.state is EndpointState.ACTIVE and health.failures else str(health.state)


def _sentence(owned: Owned, summary: EndpointSummary, facts: EndpointFacts) -> str:
    health = summary.health
    match health.state:
        case EndpointState.ACTIVE if health.failures:
            return owned.show.words.ngettext(
                "%(num)s attempt in a row failed. We try again.",
                "%(num)s attempts in a row failed. We try again.",
                health.failures,
            ) % {"num": owned.show.number(health.failures)}
        case EndpointState.ACTIVE if summary.draining and facts.held:
            return owned.say(phrase("What was held is being sent now, oldest first."))
        case EndpointState.ACTIVE:
            return owned.say(phrase("Messages are sent as soon as they come."))
        case EndpointState.FAILING:
            return _closed(
                owned, facts, owned.say(phrase("Your server fails, so only one message at a time is tried."))
            )
        case EndpointState.SUSPENDED:
            return _closed(owned, facts, owned.say(phrase("We stopped sending, but for a try now and then.")))
        case EndpointState.PAUSED:
            return owned.say(phrase("Paused by you. What comes is held until you resume."))
        case _:
            assert_never(health.state)


def _closed(owned: Owned, facts: EndpointFacts, sentence: str) -> str:
    at_ms = facts.health.probe_at_ms
    if at_ms is None:
        return sentence
    when = owned.show.plain_time(max(at_ms, owned.now_ms), "minute")
    return " ".join((sentence, owned.say(phrase("Next try: %(time)s."), time=when)))
