"""What the payload adds to what is known of a message."""

from dataclasses import replace

from relay.decoder.display import Fault, read_payload
from relay.decoder.display import Reading as PayloadReading
from relay.domain.device_settings import DeviceSettings
from relay.domain.device_state import Place
from relay.domain.device_type import Display
from relay.domain.facts import Facts, Reading, place_known
from relay.domain.uplink import Kind


def with_readings(facts: Facts, settings: DeviceSettings | None) -> Facts | None:
    """The facts with the values and the place of the device; None when its grammar is wrong."""
    if settings is None:
        return replace(facts, place=place_known(facts, None))
    if facts.kind is not Kind.DATA or settings.display is Display.NONE:
        return replace(facts, place=place_known(facts, settings.position))
    read = read_payload(settings, facts.data)
    if read.fault is Fault.WRONG_GRAMMAR:
        return None
    return replace(
        facts,
        decoded={field.name: Reading(value=field.value, units=field.unit) for field in read.fields},
        place=_place_in(read, facts.time) or place_known(facts, settings.position),
    )


def _place_in(read: PayloadReading, time: int) -> Place | None:
    if read.place is None:
        return None
    latitude, longitude = read.place
    return Place(latitude=latitude, longitude=longitude, source="payload", time=time)
