"""What happens to a device, as the events of the Sigfox back-end: kinds, severity, and who is told. Pure."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field

from relay.domain.uplink import Kind


class DeviceEventKind(enum.StrEnum):
    """The words that settings, pages and mails know them by; each has its sentence in the catalogues."""

    SEQUENCE_BREAK = "sequence_break"  # messages were lost on their way by radio
    OUT_OF_SEQUENCE = "out_of_sequence"  # the numbers began anew
    SILENT = "silent"
    BACK = "back"
    BATTERY_LOW = "battery_low"
    NETWORK_ERROR = "network_error"  # an ERROR callback
    NETWORK_EVENT = "network_event"  # an EVENT callback


class Severity(enum.StrEnum):
    """How bad it is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


SEVERITIES: Mapping[DeviceEventKind, Severity] = {
    DeviceEventKind.SEQUENCE_BREAK: Severity.WARNING,
    DeviceEventKind.OUT_OF_SEQUENCE: Severity.WARNING,
    DeviceEventKind.SILENT: Severity.ERROR,
    DeviceEventKind.BACK: Severity.INFO,
    DeviceEventKind.BATTERY_LOW: Severity.WARNING,
    DeviceEventKind.NETWORK_ERROR: Severity.ERROR,
    DeviceEventKind.NETWORK_EVENT: Severity.INFO,
}
"""Where a callback does not say it."""

NOTICES: Mapping[DeviceEventKind, Kind] = {
    DeviceEventKind.SEQUENCE_BREAK: Kind.SEQUENCE,
    DeviceEventKind.OUT_OF_SEQUENCE: Kind.SEQUENCE,
    DeviceEventKind.SILENT: Kind.SILENT,
    DeviceEventKind.BACK: Kind.BACK,
    DeviceEventKind.BATTERY_LOW: Kind.BATTERY,
}
"""As which kind an endpoint may ask for them; callbacks of Sigfox have kinds of their own."""

NO_ALERTS = "none"
DEFAULT_ALERTS = frozenset({DeviceEventKind.SILENT, DeviceEventKind.BACK, DeviceEventKind.BATTERY_LOW})
"""What is mailed when nobody chose; silent and back happen only where there is a keep-alive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceEvent:
    """Something that happened; `facts` are ready for JSON and named per kind:

    sequence_break: `missed`, `first` (the first number that is missing); out_of_sequence: `expected`,
    `seq_number`; silent: `last_at_ms`, `after_seconds`; back: `silent_seconds`; battery_low: `volts`,
    `best_volts`; the others: what the callback told, under Sigfox's names.
    """

    kind: DeviceEventKind
    at_ms: int
    severity: Severity
    facts: Mapping[str, object] = field(default_factory=dict)
    uplink_id: int | None = None


def make_event(
    kind: DeviceEventKind, at_ms: int, facts: Mapping[str, object], uplink_id: int | None = None
) -> DeviceEvent:
    """One with the severity of its kind."""
    return DeviceEvent(kind=kind, at_ms=at_ms, severity=SEVERITIES[kind], facts=facts, uplink_id=uplink_id)


def read_severity(said: object, otherwise: Severity) -> Severity:
    """Sigfox's ERROR, WARN or INFO."""
    words = {"INFO": Severity.INFO, "WARN": Severity.WARNING, "ERRO": Severity.ERROR}
    return words.get(str(said).strip().upper()[:4], otherwise)


def parse_alerts(text: str) -> frozenset[DeviceEventKind]:
    """Which kinds are mailed: their words with commas between, "none", or "" for the default.

    Raises:
        ValueError: A word is no kind; the text says which.
    """
    words = {word.strip() for word in text.split(",") if word.strip()}
    if not words:
        return DEFAULT_ALERTS
    if words == {NO_ALERTS}:
        return frozenset()
    unknown = sorted(words - set(DeviceEventKind))
    if unknown:
        raise ValueError(f"{unknown[0][:40]!r} is no kind of event; there are {', '.join(DeviceEventKind)}")
    return frozenset(DeviceEventKind(word) for word in words)
