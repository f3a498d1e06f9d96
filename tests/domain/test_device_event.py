"""Kinds of device events: who is told of which, and how bad they are."""

import pytest

from relay.domain.device_event import (
    DEFAULT_ALERTS,
    NOTICES,
    SEVERITIES,
    DeviceEventKind,
    Severity,
    parse_alerts,
    read_severity,
)
from relay.domain.uplink import OWN_KINDS

SILENT, BREAK = DeviceEventKind.SILENT, DeviceEventKind.SEQUENCE_BREAK


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("", DEFAULT_ALERTS),
        (" , ", DEFAULT_ALERTS),
        ("none", frozenset()),
        ("silent", {SILENT}),
        (" silent,sequence_break ,", {SILENT, BREAK}),
    ],
)
def test_alerts_are_kinds_with_commas_between(text: str, kinds: frozenset[DeviceEventKind]) -> None:
    assert parse_alerts(text) == kinds


@pytest.mark.parametrize("text", ["silence", "silent,none", "SILENT", "silent;back"])
def test_what_is_no_kind_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is no kind of event; there are sequence_break, "):
        parse_alerts(text)


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        ("ERROR", Severity.ERROR),
        ("WARN", Severity.WARNING),
        ("warning", Severity.WARNING),
        ("INFO", Severity.INFO),
    ],
)
def test_sigfox_says_how_bad_it_is(said: str, severity: Severity) -> None:
    assert read_severity(said, Severity.INFO) is severity


def test_otherwise_the_kind_does() -> None:
    assert read_severity(None, Severity.ERROR) is Severity.ERROR
    assert set(SEVERITIES) == set(DeviceEventKind)
    assert set(NOTICES.values()) == OWN_KINDS
