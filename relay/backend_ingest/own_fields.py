"""The fields that only one kind of callback has."""

import math
from collections.abc import Mapping

from relay.backend_ingest.advanced import read_computed_location, read_duplicates
from relay.backend_ingest.message_fields import Reader, read_custom_data, read_each
from relay.backend_ingest.values import integer, number, text, truth
from relay.domain.uplink import Kind

_STATUS: Mapping[str, Reader] = {"temp": number, "batt": number}
_GEOLOC: Mapping[str, Reader] = {"lat": number, "lng": number, "radius": number, "geolocSource": integer}
_ACKNOWLEDGE: Mapping[str, Reader] = {
    "infoCode": integer,
    "infoMessage": text,
    "downlinkAck": truth,
    "downlinkOverusage": truth,
}
_REPEATER: Mapping[str, Reader] = {
    "batt": number,
    "whitelistDevices": integer,
    "repeatedMsg": integer,
    "unwantedDevices": integer,
    "unwantedMsg": integer,
    "wrongMsg": integer,
    "overRegulMsg": integer,
}
_LQI = {"0": "LIMIT", "1": "AVERAGE", "2": "GOOD", "3": "EXCELLENT", "4": "NA"}


def _lqi(written: str) -> str | None:
    """Its name, also where the template has the number of `linkQuality` in its place."""
    return _LQI.get(written, written) or None


_ADVANCED: Mapping[str, Reader] = {
    "lqi": lambda value: _lqi((text(value) or "").strip().upper()),
    "linkQuality": integer,
    "fixedLat": number,
    "fixedLng": number,
    "operatorName": text,
    "countryCode": integer,
    "duplicates": read_duplicates,
}
_ERROR: Mapping[str, Reader] = {"info": text, "severity": text}
_EVENT: Mapping[str, Reader] = {
    "info": text,
    "severity": text,
    "sourceId": text,
    "sourceType": text,
    "eventType": text,
    "groupId": text,
    "deviceMessageTime": text,
    "deviceLastSeqnumber": integer,
    "deviceExpectedSeqnumber": integer,
    "deviceMessageSeqnumber": integer,
    "contractId": text,
    "contractIds": lambda value: text(value) or _finite_json(value),
    "subscriptionState": text,
    "deviceShortCause": text,
    "deviceCause": text,
    "networkOperatorId": text,
    "businessOperatorId": text,
    "expectedSubscriptionDurationEndTime": integer,
    "expectedTokenEndTime": integer,
    "deviceInfo": lambda value: text(value) or _finite_json(value),
}


_READERS: Mapping[Kind, Mapping[str, Reader]] = {
    Kind.DATA: {},
    Kind.BATCH: {},
    Kind.STATUS: _STATUS,
    Kind.GEOLOC: _GEOLOC,
    Kind.ACKNOWLEDGE: _ACKNOWLEDGE,
    Kind.DATA_ADVANCED: _ADVANCED,
    Kind.REPEATER: _REPEATER,
    Kind.ERROR: _ERROR,
    Kind.EVENT: _EVENT,
}


def read_own_fields(kind: Kind, known: Mapping[str, object]) -> dict[str, object]:
    """The kind's own fields under Sigfox's names; what cannot be read is left out."""
    own = read_each(_lifted(known) if kind is Kind.GEOLOC else known, _READERS[kind])
    if kind is not Kind.DATA_ADVANCED:
        return own
    return own | _computed_location(known) | read_custom_data(known)


def _computed_location(known: Mapping[str, object]) -> dict[str, object]:
    """That no location could be computed is news too: then it is there as None."""
    name = "computedLocation"
    return {name: read_computed_location(known[name])} if name in known else {}


def _lifted(fields: Mapping[str, object]) -> dict[str, object]:
    """All fields of nested objects side by side; the inner ones win, as they say where the device is."""
    flat = dict(fields)
    for value in fields.values():
        if isinstance(value, Mapping):
            flat |= _lifted(value)
    return flat


def _finite_json(value: object) -> object:
    """The same lists and objects, with null for what JSON cannot say."""
    match value:
        case dict():
            return {name: _finite_json(each) for name, each in value.items()}
        case list():
            return [_finite_json(each) for each in value]
        case float():
            return value if math.isfinite(value) else None
        case _:
            return value
