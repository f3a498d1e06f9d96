"""Commands about what happened to a device, and how much it sent."""

from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from relay.commands.asked import Answer, Arguments, device_number
from relay.commands.context import CommandContext
from relay.domain.device_state import DeviceState
from relay.domain.rhythm import PAUSES_TO_LEARN, silent_after_seconds
from relay.domain.totals import Totals
from relay.errors import RelayError
from relay.store.device_types import DeviceTypes
from relay.store.statistics import LAST_ID, Day, KeptEvent, OfDevice, Statistics


async def list_events(context: CommandContext, arguments: Arguments) -> Answer:
    """The newest events of a device; `before` is an event's id."""
    number = device_number(arguments["device"])
    found = await Statistics(context.store.driver).events(
        number, before=arguments.get("before") or LAST_ID, limit=arguments["limit"]
    )
    return {"events": [_event(one) for one in found]}


async def show_statistics(context: CommandContext, arguments: Arguments) -> Answer:
    """What a device sent on each of the last days, and what is known of it."""
    number = device_number(arguments["device"])
    statistics = Statistics(context.store.driver)
    zone = ZoneInfo(context.config.ui.time_zone)
    since, until = _last_days(arguments["days"], context.now(), zone)
    days = await statistics.days(OfDevice(number), zone, since=since, until=until)
    state = await statistics.state(number)  # after the days, so that it knows of all that they count
    if state is None:
        raise RelayError(f"nothing was heard of device {arguments['device'].upper()} yet")
    settings = await DeviceTypes(context.store.driver).settings_of(number)
    keep_alive_seconds = settings.keep_alive_seconds if settings else 0
    return {
        "time_zone": zone.key,
        "state": _state(state, keep_alive_seconds),
        "days": [_day(one) for one in days],
    }


def _last_days(days: int, now: float, zone: ZoneInfo) -> tuple[int, int]:
    """From midnight, so that the first day is whole too."""
    first = datetime.fromtimestamp(now, UTC).astimezone(zone).date() - timedelta(days=days - 1)
    return round(datetime.combine(first, time(), zone).timestamp()), round(now) + 3600


def _event(kept: KeptEvent) -> Answer:
    return {**asdict(kept), "device": f"{kept.device:X}" if kept.device >= 0 else None}


def _state(state: DeviceState, keep_alive_seconds: int) -> Answer:
    place, battery, rhythm = state.place, state.battery, state.rhythm
    return {
        "first_at_ms": state.first_at_ms or None,
        "last_at_ms": state.last_at_ms or None,
        "silent_since_at_ms": state.silent_since_ms,
        "silent_after_seconds": silent_after_seconds(keep_alive_seconds, rhythm),
        "usual_pause_seconds": round(rhythm.pause_seconds) if rhythm.pauses >= PAUSES_TO_LEARN else None,
        "seq_number": state.sequence.last,
        "voltage": battery.volts,
        "battery_low": battery.is_low,
        "temperature": state.temperature,
        "place": asdict(place) if place else None,
    }


def _day(day: Day) -> Answer:
    return {"day": day.day.isoformat(), **_totals(day.totals)}


def _totals(totals: Totals) -> Answer:
    return {
        "messages": totals.messages,
        "bytes": totals.bytes,
        "missed": totals.missed,
        "snr": _rounded(totals.mean_snr),
        "rssi": _rounded(totals.mean_rssi),
        "temperature": _rounded(totals.mean_temperature),
        "voltage": _rounded(totals.mean_voltage),
    }


def _rounded(mean: float | None) -> float | None:
    return None if mean is None else round(mean, 2)
