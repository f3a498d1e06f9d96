"""The variables of templates: Sigfox's names, and what they say of a message.

Source: support.sigfox.com/docs/uplink, /bidir, /data-advanced, /acknowledge, /repeater, /error-callbacks,
/event-type, and for the older ones (`signal`, `avgSignal`, `duplicate`, `lat`, `lng` of the station) the
backend's help before 2019.
"""

import re
from collections.abc import Callable, Mapping

from relay.domain.facts import Facts, Reading
from relay.domain.moments import iso_moment

CUSTOM_DATA = "customData#"

_CUSTOM_DATA_FIELD = re.compile(rf"{CUSTOM_DATA}[A-Za-z0-9_*-]+", re.ASCII)


def _from_callback(*names: str) -> Callable[[Facts], object]:
    """The first of these that the message's callback told, or the DATA_ADVANCED callback after it."""

    def value_of(facts: Facts) -> object:
        told = (source.get(name) for name in names for source in (facts.more, facts.radio))
        return next((value for value in told if value is not None), None)

    return value_of


def _latitude(facts: Facts) -> object:
    given = _from_callback("lat")(facts)
    return facts.place.latitude if given is None and facts.place else given


def _longitude(facts: Facts) -> object:
    given = _from_callback("lng")(facts)
    return facts.place.longitude if given is None and facts.place else given


_OWN: Mapping[str, Callable[[Facts], object]] = {
    "device": lambda facts: facts.device,
    "time": lambda facts: facts.time,
    "data": lambda facts: facts.data,
    "seqNumber": lambda facts: facts.seq_number,
    "snr": lambda facts: facts.snr,
    "signal": lambda facts: facts.snr,
    "rssi": lambda facts: facts.rssi,
    "station": lambda facts: facts.station,
    "ack": lambda facts: facts.ack,
    "duplicate": lambda facts: _from_callback("duplicate")(facts) or False,
    "longPolling": lambda facts: _from_callback("longPolling")(facts) or False,
    "avgSnr": _from_callback("avgSnr"),
    "avgSignal": _from_callback("avgSnr"),
    "lat": _latitude,
    "lng": _longitude,
    # the relay's own
    "kind": lambda facts: facts.kind,
    "deviceName": lambda facts: facts.device_name,
    "deviceType": lambda facts: facts.device_type,
    "receivedAt": lambda facts: iso_moment(facts.received_at_ms),
    "downlink": lambda facts: facts.downlink,
}
_AS_RECEIVED = (
    "deviceTypeId", "lqi", "linkQuality", "fixedLat", "fixedLng", "operatorName", "countryCode",
    "duplicates", "computedLocation",
    "temp", "batt",  # status, repeater
    "radius", "geolocSource",  # geoloc
    "infoCode", "infoMessage", "downlinkAck", "downlinkOverusage",  # acknowledge
    # repeater
    "whitelistDevices", "repeatedMsg", "unwantedDevices", "unwantedMsg", "wrongMsg", "overRegulMsg",
    "info", "severity",  # error, event
    "sourceId", "sourceType", "eventType", "groupId", "deviceInfo", "deviceMessageTime",
    "deviceLastSeqnumber", "deviceExpectedSeqnumber", "deviceMessageSeqnumber",
    "contractId", "contractIds", "subscriptionState",  # event
    "deviceShortCause", "deviceCause", "networkOperatorId", "businessOperatorId",
    "expectedSubscriptionDurationEndTime", "expectedTokenEndTime",
    # what the relay itself makes known
    "event", "lastAtMs", "afterSeconds", "silentSeconds", "missed", "first", "expected", "volts", "bestVolts",
)  # fmt: skip

VARIABLES: Mapping[str, Callable[[Facts], object]] = {
    **_OWN,
    **{name: _from_callback(name) for name in _AS_RECEIVED},
}
"""What each name stands for; `customData#<field>` besides."""


def is_variable(name: str) -> bool:
    """Whether a template may hold it."""
    return name in VARIABLES or _CUSTOM_DATA_FIELD.fullmatch(name) is not None


def value_of(name: str, facts: Facts) -> object:
    """What a variable says of a message: plain JSON, None when it is not known."""
    if name.startswith(CUSTOM_DATA):
        return _decoded(name.removeprefix(CUSTOM_DATA), facts)
    return VARIABLES[name](facts)


def _decoded(field: str, facts: Facts) -> object:
    """As the device's own grammar reads it, else as Sigfox did."""
    reading = (facts.decoded or {}).get(field, _NOTHING)
    if reading.value is not None:
        return reading.value
    custom_data = facts.more.get("customData")
    return custom_data.get(field) if isinstance(custom_data, Mapping) else None


_NOTHING = Reading(value=None)
