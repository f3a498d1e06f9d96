"""One title and one sentence for each event of a device; pages and mails say the same."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from gettext import GNUTranslations
from typing import Any, assert_never

from babel.dates import format_timedelta
from babel.numbers import format_decimal

from relay.domain.device_event import DeviceEventKind
from relay.web.catalogue import phrase

_TITLES: Mapping[DeviceEventKind, str] = {
    DeviceEventKind.SEQUENCE_BREAK: phrase("messages were lost"),
    DeviceEventKind.OUT_OF_SEQUENCE: phrase("its message numbers began anew"),
    DeviceEventKind.SILENT: phrase("nothing is heard of it"),
    DeviceEventKind.BACK: phrase("it is heard again"),
    DeviceEventKind.BATTERY_LOW: phrase("its battery is low"),
    DeviceEventKind.NETWORK_ERROR: phrase("Sigfox reports an error"),
    DeviceEventKind.NETWORK_EVENT: phrase("Sigfox reports an event"),
}


def event_title(words: GNUTranslations, kind: DeviceEventKind) -> str:
    """A few words, as they follow `Device 1A2B3C:`."""
    return words.gettext(_TITLES[kind])


def event_sentence(
    words: GNUTranslations,
    language: str,
    kind: DeviceEventKind,
    facts: Mapping[str, Any],
    show_time: Callable[[int], str],
) -> str:
    """Say what happened; `show_time` writes Unix milliseconds for the reader."""
    match kind:
        case DeviceEventKind.SEQUENCE_BREAK:
            missed = int(facts.get("missed", 0))
            return words.ngettext(
                "%(num)s message of the device never came: it was lost on its way by radio.",
                "%(num)s messages of the device never came: they were lost on their way by radio.",
                missed,
            ) % {"num": missed}
        case DeviceEventKind.OUT_OF_SEQUENCE:
            sentence = phrase(
                "The message numbers began anew: %(expected)s was to come, %(seq_number)s came. "
                "Was the device restarted?"
            )
        case DeviceEventKind.SILENT:
            facts = {"time": show_time(int(facts.get("last_at_ms", 0)))}
            sentence = phrase("Nothing was heard of the device since %(time)s.")
        case DeviceEventKind.BACK:
            facts = {"duration": duration_text(int(facts.get("silent_seconds", 0)), language)}
            sentence = phrase("The device is heard again. It was silent for so long: %(duration)s.")
        case DeviceEventKind.BATTERY_LOW:
            facts = {name: _volts(facts.get(name), language) for name in ("volts", "best_volts")}
            sentence = phrase("The battery is low: %(volts)s V. It once had %(best_volts)s V.")
        case DeviceEventKind.NETWORK_ERROR | DeviceEventKind.NETWORK_EVENT:
            facts = {"info": facts.get("info") or facts.get("eventType") or kind}
            sentence = phrase("Sigfox reports: %(info)s")
        case _:
            assert_never(kind)
    return words.gettext(sentence) % facts


def _volts(volts: float | None, language: str) -> str:
    return format_decimal(volts or 0, "0.0#", locale=language)


def duration_text(seconds: int, language: str) -> str:
    """`6 hours`, in the reader's language."""
    return format_timedelta(timedelta(seconds=seconds), threshold=2, locale=language)
