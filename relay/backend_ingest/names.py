"""The names that fields of a callback go by, and what happens when one comes twice.

Sigfox puts the URL's parameters in front of a form body, so that the same field often comes twice.
"""

from collections.abc import Iterable, Mapping
from itertools import chain

from relay.backend_ingest.values import absent, number, text, truth
from relay.errors import CallbackError

# A field's name in Sigfox's documents, and what operators and older documents call it, best first.
_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "device": ("deviceId", "id"),
    "seqNumber": ("seq",),
    "snr": ("signal",),
    "avgSnr": ("avgSignal",),
    "lat": ("latitude",),
    "lng": ("lon", "longitude"),
    "radius": ("accuracy",),
    "temp": ("temperature",),
    "batt": ("battery",),
}
_LONE_NAMES = (
    "time", "timestamp", "data", "payload",
    "rssi", "station", "ack", "longPolling", "duplicate", "deviceTypeId",
    "geolocSource", "infoCode", "infoMessage", "downlinkAck", "downlinkOverusage",
    "lqi", "linkQuality", "fixedLat", "fixedLng", "operatorName", "countryCode", "duplicates",
    "computedLocation",
    "whitelistDevices", "repeatedMsg", "unwantedDevices", "unwantedMsg", "wrongMsg", "overRegulMsg",
    "info", "severity", "sourceId", "sourceType", "eventType", "groupId", "deviceInfo", "deviceMessageTime",
    "deviceLastSeqnumber", "deviceExpectedSeqnumber", "deviceMessageSeqnumber",
    "contractId", "contractIds", "subscriptionState",
    "deviceShortCause", "deviceCause", "networkOperatorId", "businessOperatorId",
    "expectedSubscriptionDurationEndTime", "expectedTokenEndTime",
)  # fmt: skip
_IDS = frozenset({"device", "deviceId", "id", "sourceId"})
_LETTERS_NOT_NUMBERS = frozenset({"data", "payload", "station", "deviceTypeId", "groupId"})


def _folded(name: str) -> str:
    """Spellings like `deviceID` and `seq_number` are one name; a leading underscore makes another (`_id`)."""
    return name[:1].lower() + name[1:].lower().replace("_", "") if name.isascii() else name


_NAMES = frozenset({*_OTHER_NAMES, *chain.from_iterable(_OTHER_NAMES.values()), *_LONE_NAMES})
_UNDERSTOOD = {_folded(name): name for name in _NAMES}


def understood_name(received: str) -> str:
    """The name under which `merge` gathers what came under this one."""
    return received if received in _NAMES else _UNDERSTOOD.get(_folded(received), received)


def merge(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Gather fields under the names of Sigfox's documents; names that are not understood stay as they are.

    What says that there is no value is left out. Of equal repeats the first counts. Of contradicting repeats
    under a name that is not understood the first counts too: nothing depends on it.

    Raises:
        CallbackError: An understood field comes twice with different values.
    """
    merged: dict[str, object] = {}
    for received, value in pairs:
        if absent(value):
            continue
        name = understood_name(received)
        if name not in merged:
            merged[name] = value
        elif name in _NAMES and not _same(name, merged[name], value):
            raise CallbackError(f"{name}: comes twice with different values")
    return merged


def pick(fields: Mapping[str, object], name: str) -> object:
    """The value of a field under the best name that has one, or None; `fields` come from `merge`."""
    if name in fields:
        return fields[name]
    for each in _OTHER_NAMES.get(name, ()):
        if each in fields:
            return fields[each]
    return None


def _same(name: str, one: object, other: object) -> bool:
    if one == other and type(one) is type(other):
        return True
    if name in _IDS:
        return _both(_id_digits(one), _id_digits(other))
    if name in _LETTERS_NOT_NUMBERS:
        return _both(_lower(one), _lower(other))
    return _both(number(one), number(other)) or _both(truth(one), truth(other))


def _both(one: object, other: object) -> bool:
    return one is not None and one == other


def _id_digits(value: object) -> str | None:
    """What stays the same when a device ID is written in another way: `00A0`, `a0`."""
    digits = _lower(value)
    return None if digits is None else digits.lstrip("0")


def _lower(value: object) -> str | None:
    written = text(value)
    return None if written is None else written.lower()
