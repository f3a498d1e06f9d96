"""All that is known of one message when it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from relay.domain.delivery import Delivery
from relay.domain.device_state import Place
from relay.domain.radio import ComputedLocation, Radio
from relay.domain.uplink import Kind

Value = bool | int | float | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A value that was read from the payload; `units` is `""` when nobody said any."""

    value: Value
    units: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A message or a notice, for the formats that tell more than the classic five fields.

    `more` are the other fields of its callback, `radio` those of the DATA_ADVANCED callback that came for the
    same message, both under Sigfox's names. `decoded` is None when nobody said how to read the payload.
    """

    device: str
    time: int
    received_at_ms: int
    kind: Kind = Kind.DATA
    data: str = ""
    snr: float | None = None
    rssi: float | None = None
    seq_number: int | None = None
    station: str | None = None
    ack: bool = False
    downlink: str = ""
    device_name: str = ""
    device_type: str = ""
    more: Mapping[str, object] = field(default_factory=dict)
    radio: Mapping[str, object] = field(default_factory=dict)
    decoded: Mapping[str, Reading] | None = None
    place: Place | None = None


def facts_of(delivery: Delivery) -> Facts:
    """What the delivery itself knows of its message."""
    return Facts(
        device=delivery.device_label,
        time=delivery.time,
        received_at_ms=delivery.received_at_ms,
        kind=delivery.kind,
        data=delivery.data,
        snr=delivery.snr,
        rssi=delivery.rssi,
    )


def place_known(facts: Facts, fixed: tuple[float, float] | None) -> Place | None:
    """Where the device is, by all but its payload: `fixed` is the place that was typed in for it here."""
    computed = facts.more.get("computedLocation") or facts.radio.get("computedLocation")
    if isinstance(computed, Mapping) and {"lat", "lng"} <= computed.keys():
        location = ComputedLocation.of(computed)
        return _place(facts, location.lat, location.lng, "computed", location.radius)
    if facts.kind is Kind.GEOLOC and {"lat", "lng"} <= facts.more.keys():
        radius = facts.more.get("radius")
        return _place(facts, facts.more["lat"], facts.more["lng"], "geoloc", radius)
    radio = Radio.of(facts.radio)
    if radio.fixed_lat is not None and radio.fixed_lng is not None:
        return _place(facts, radio.fixed_lat, radio.fixed_lng, "fixed")
    return _place(facts, *fixed, "fixed") if fixed else None


def _place(
    facts: Facts, latitude: object, longitude: object, source: str, radius: object = None
) -> Place | None:
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return None
    return Place(
        latitude=latitude,
        longitude=longitude,
        source=source,
        time=facts.time,
        radius=radius if isinstance(radius, int | float) else None,
    )
