"""The words of the letter about what happened to a device."""

from collections.abc import Callable, Iterator
from gettext import GNUTranslations

from relay.domain.letter import Happened, Occasion
from relay.web.catalogue import phrase
from relay.web.device_events import duration_text, event_sentence, event_title

_LEAD = phrase("This happened to device %(device)s:")
_HOW_OFTEN = phrase(
    "There is at least %(duration)s between two such mails; what happens meanwhile comes in the next."
)


def newest_title(words: GNUTranslations, occasion: Occasion) -> str:
    """What the newest event is about, for the subject; empty for a letter about something else."""
    return event_title(words, occasion.events[-1].kind) if isinstance(occasion, Happened) else ""


def event_paragraphs(
    words: GNUTranslations, language: str, it: Happened, device: str, show_time: Callable[[int], str]
) -> Iterator[str]:
    """One paragraph for each event."""
    yield words.gettext(_LEAD) % {"device": device}
    for event in it.events:
        sentence = event_sentence(words, language, event.kind, event.facts, show_time)
        yield f"{show_time(event.at_ms)}\n{sentence}"
    if it.more:
        yield words.ngettext(
            "%(num)s earlier event is listed on the page of the device.",
            "%(num)s earlier events are listed on the page of the device.",
            it.more,
        ) % {"num": it.more}
    yield words.gettext(_HOW_OFTEN) % {"duration": duration_text(it.window_seconds, language)}
