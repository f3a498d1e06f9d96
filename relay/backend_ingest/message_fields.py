"""The fields of a message that only describe it: each is there when it can be read, and else absent."""

import math
from collections.abc import Callable, Mapping

from relay.backend_ingest.names import pick, understood_name
from relay.backend_ingest.values import absent, decoded, number, text, truth

Reader = Callable[[object], object]

RADIO: Mapping[str, Reader] = {
    "avgSnr": number,
    "station": text,
    "lat": number,
    "lng": number,
    "duplicate": truth,
    "deviceTypeId": text,
}

_SIGNAL: Mapping[str, Reader] = {"rssi": number, "snr": number, "station": text}

_CUSTOM = "customData"


def read_each(fields: Mapping[str, object], readers: Mapping[str, Reader]) -> dict[str, object]:
    """The fields that have a value, by name."""
    found = {}
    for name, reader in readers.items():
        given = pick(fields, name)
        if given is not None and (value := reader(given)) is not None:
            found[name] = value
    return found


def with_signal(fields: Mapping[str, object]) -> Mapping[str, object]:
    """The same fields, with the signal lifted out where a template nests it.

    Seen as `"reception": [{"id": "{station}", "RSSI": {rssi}, "SNR": {snr}}]`. Of several stations that one
    counts which heard the message best.
    """
    if pick(fields, "rssi") is not None:
        return fields
    nested = {name: value for name, value in fields.items() if isinstance(value, dict | list)}
    if not nested:
        return fields
    heard = [_signal(each) for name, value in nested.items() if name != _CUSTOM for each in _objects(value)]
    best = max(heard, key=_level, default={})
    return {**fields, **{name: value for name, value in best.items() if pick(fields, name) is None}}


def _objects(value: object) -> list[Mapping[str, object]]:
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, Mapping)]


def _signal(nested: Mapping[str, object]) -> dict[str, object]:
    known = {understood_name(name): value for name, value in nested.items() if not absent(value)}
    return read_each({"station": known.get("id"), **known}, _SIGNAL)


def _level(signal: Mapping[str, object]) -> float:
    level = signal.get("rssi")
    return level if isinstance(level, float) else -math.inf


def read_custom_data(fields: Mapping[str, object]) -> dict[str, object]:
    """What Sigfox decoded from the payload: `customData#temp` comes back as `{"customData": {"temp": …}}`.

    Source: customData#x of Sigfox's callback-level payload configuration.
    """
    if not any(name.startswith(_CUSTOM) for name in fields):
        return {}
    found = {name: decoded(value) for name, value in _custom_pairs(fields)}
    kept = {name: value for name, value in found.items() if value is not None}
    return {_CUSTOM: kept} if kept else {}


def _custom_pairs(fields: Mapping[str, object]) -> list[tuple[str, object]]:
    nested = fields.get(_CUSTOM)
    pairs = [*nested.items()] if isinstance(nested, Mapping) else []
    prefix = f"{_CUSTOM}#"
    return pairs + [
        (name.removeprefix(prefix), value)
        for name, value in fields.items()
        if name.startswith(prefix) and name != prefix
    ]
