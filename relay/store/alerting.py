"""Telling owners by mail what happened to their devices: one letter for all that happened within a while."""

import json
from collections.abc import Mapping, Sequence

from relay.domain.device_event import DEFAULT_ALERTS, DeviceEventKind, parse_alerts
from relay.domain.device_type import ALERT_WINDOW_SECONDS
from relay.domain.letter import Happened, LetterKind, MailTried, ToldEvent
from relay.store.driver import Do, Row, Steps
from relay.store.outbox import Fate, Letter, Outbox, Posted

MOST_DEVICES = 100
MOST_GATHERED = 200
MOST_TOLD = 20


def alert(outbox: Outbox, now_ms: int) -> Steps[list[Posted]]:
    """Post what owners want to know and were not told yet."""
    if not (yield Do("try_to_tally")):
        return []
    wanted = {"now_ms": now_ms, "usual_seconds": ALERT_WINDOW_SECONDS, "limit": MOST_DEVICES}
    due = yield Do("devices_to_alert", [wanted])
    posted = []
    for row in due:
        events = yield Do("events_to_mail", [{"device": row["device"], "limit": MOST_GATHERED}])
        rules = yield Do("alert_rules", [{"device": row["device"], "usual_seconds": ALERT_WINDOW_SECONDS}])
        told = [event for event in events if rules and event["kind"] in _kinds(rules[0]["alerts"])]
        fate = yield from _tell(told, rules[0], outbox, now_ms) if told else _nobody()
        if fate is not None:
            posted.append(fate)
        if fate is None or fate.fate is not Fate.LIMITED:  # else they come with the next letter
            yield Do("mark_mailed", [{"id": event["id"]} for event in events])
    return posted


def try_mail(device: int, outbox: Outbox, now_ms: int) -> Steps[Posted]:
    """Send a test mail to where alerts of a device go."""
    rules = (yield Do("alert_rules", [{"device": device, "usual_seconds": ALERT_WINDOW_SECONDS}]))[0]
    if not rules["recipient"]:
        return Posted(device=device, kind=LetterKind.MAIL_TRIED, fate=Fate.NO_ADDRESS)
    letter = Letter(
        device=device, recipient=rules["recipient"], language=rules["language"], occasion=MailTried()
    )
    return (yield from outbox.post(letter, now_ms))


def when_posted(posted: Posted) -> Mapping[str, str] | None:
    """For `noted`: nothing was done unless there is a mail."""
    return {} if posted.fate is Fate.QUEUED else None


def _nobody() -> Steps[Posted | None]:
    yield from ()
    return None


def _kinds(alerts: str) -> frozenset[DeviceEventKind]:
    try:
        return parse_alerts(alerts)
    except ValueError:  # it was checked when it was set, perhaps by another version
        return DEFAULT_ALERTS


def _tell(events: Sequence[Row], rules: Row, outbox: Outbox, now_ms: int) -> Steps[Posted | None]:
    occasion = _occasion(events, rules["alert_window_seconds"])
    if not rules["recipient"]:
        return Posted(device=rules["device"], kind=occasion.kind, fate=Fate.NO_ADDRESS)
    letter = Letter(
        device=rules["device"],
        recipient=rules["recipient"],
        language=rules["language"],
        occasion=occasion,
    )
    yield Do("set_alerted", [{"device": rules["device"], "now_ms": now_ms}])
    return (yield from outbox.post(letter, now_ms))


def _occasion(events: Sequence[Row], window_seconds: int) -> Happened:
    told = tuple(
        ToldEvent(kind=DeviceEventKind(row["kind"]), at_ms=row["at_ms"], facts=json.loads(row["facts"]))
        for row in events[-MOST_TOLD:]
    )
    return Happened(events=told, more=len(events) - len(told), window_seconds=window_seconds)
