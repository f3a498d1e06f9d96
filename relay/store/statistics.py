"""Statistics by the hour and by the day, states and events of devices, read without their messages."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, assert_never
from zoneinfo import ZoneInfo

from relay.domain.device_event import DeviceEventKind, Severity
from relay.domain.device_state import DeviceState
from relay.domain.stretches import Stretch, stretches
from relay.domain.totals import NAMES, Totals, sum_of
from relay.store.device_states import state_of
from relay.store.driver import Do, Driver, Row, Steps, rows_of

LAST_ID = 2**63 - 1
FORGET_AT_ONCE = 500
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class OfDevice:
    """One device, by its number."""

    number: int


@dataclass(frozen=True, slots=True)
class OfType:
    """All devices that were of a type when they sent."""

    type_id: int


@dataclass(frozen=True, slots=True)
class OfAll:
    """All devices."""


Scope = OfDevice | OfType | OfAll


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What came in an hour that began then (Unix seconds)."""

    starts_at: int
    totals: Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What came on a day, where the reader lives."""

    day: date
    totals: Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptEvent:
    """An event of a device; the facts are those of `DeviceEvent`."""

    id: int
    device: int
    kind: DeviceEventKind
    severity: Severity
    at_ms: int
    facts: Mapping[str, Any]
    uplink_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is older than these moments is let go."""

    events_before_ms: int
    statistics_before: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """What there is to know of devices. Every method may raise `StoreUnavailable`."""

    driver: Driver

    async def hours(self, scope: Scope, *, since: int, until: int) -> list[Hour]:
        """The hours that begin from `since` to before `until` (Unix seconds); empty ones are left out."""
        rows = await self.driver.transact(_read_hours(scope, since, until))
        by_hour: dict[int, list[Totals]] = defaultdict(list)
        for row in rows:
            by_hour[row["starts_at"]].append(_totals(row))
        return [Hour(starts_at=starts_at, totals=sum_of(parts)) for starts_at, parts in by_hour.items()]

    async def days(self, scope: Scope, zone: ZoneInfo, *, since: int, until: int) -> list[Day]:
        """The same by days of the reader; an hour belongs to the day in which it begins."""
        parts: dict[date, list[Totals]] = defaultdict(list)
        for row in await self.driver.transact(_read_days(scope, stretches(zone, since, until))):
            parts[date.fromordinal(_EPOCH + row["day"])].append(_totals(row))
        return [Day(day=day, totals=sum_of(each)) for day, each in parts.items()]

    async def state(self, device: int) -> DeviceState | None:
        """What is known of a device; None before its first message was counted."""
        rows = await self.driver.transact(rows_of("read_state", device=device))
        return state_of(rows[0]) if rows else None

    async def states(self, devices: Iterable[int]) -> dict[int, DeviceState]:
        """The same of several; who never sent is not there."""
        rows = await self.driver.transact(_read_states(list(devices)))
        return {row["device"]: state_of(row) for row in rows}

    async def events(self, device: int, *, before: int = LAST_ID, limit: int = 50) -> list[KeptEvent]:
        """The newest events of a device; `before` is an event's id."""
        rows = await self.driver.transact(
            rows_of("events_of_device", device=device, before=before, limit=limit)
        )
        return [_event(row) for row in rows]

    async def latest_events(self, *, before: int = LAST_ID, limit: int = 50) -> list[KeptEvent]:
        """The newest events of all devices, and those that concern none (`NO_DEVICE`)."""
        rows = await self.driver.transact(rows_of("latest_events", before=before, limit=limit))
        return [_event(row) for row in rows]


def forget_statistics(limits: Limits) -> Steps[int]:
    """Let go of a batch of what is old; the answer is how many rows."""
    hours = {"before": limits.statistics_before, "limit": FORGET_AT_ONCE}
    events = {"before_ms": limits.events_before_ms, "limit": FORGET_AT_ONCE}
    gone = yield Do("forget_events", [events])
    done = yield Do("forget_activity", [events])
    of_devices = yield Do("forget_device_hours", [hours])
    of_types = yield Do("forget_type_hours", [hours])
    return len(gone) + len(done) + len(of_devices) + len(of_types)


def _read_hours(scope: Scope, since: int, until: int) -> Steps[Sequence[Row]]:
    asked = {"since": since, "until": until}
    match scope:
        case OfDevice():
            return (yield Do("hours_of_device", [{**asked, "device": scope.number}]))
        case OfType():
            return (yield Do("hours_of_type", [{**asked, "type_id": scope.type_id}]))
        case OfAll():
            return (yield Do("hours_of_all_types", [asked]))
        case _:
            assert_never(scope)


def _read_days(scope: Scope, parts: Iterable[Stretch]) -> Steps[Sequence[Row]]:
    """A day on which the clocks are changed stands in two rows."""
    asked = [{"since": one.since, "until": one.until, "offset": one.offset_seconds} for one in parts]
    match scope:
        case OfDevice():
            return (yield Do("days_of_device", [{**one, "device": scope.number} for one in asked]))
        case OfType():
            return (yield Do("days_of_type", [{**one, "type_id": scope.type_id} for one in asked]))
        case OfAll():
            return (yield Do("days_of_all_types", asked))
        case _:
            assert_never(scope)


def _read_states(devices: Sequence[int]) -> Steps[Sequence[Row]]:
    return (yield Do("read_state", [{"device": device} for device in devices]))


def _totals(row: Row) -> Totals:
    return Totals(**{name: row[name] for name in NAMES})


def _event(row: Row) -> KeptEvent:
    return KeptEvent(
        id=row["id"],
        device=row["device"],
        kind=DeviceEventKind(row["kind"]),
        severity=Severity(row["severity"]),
        at_ms=row["at_ms"],
        facts=json.loads(row["facts"]),
        uplink_id=row["uplink_id"],
    )
