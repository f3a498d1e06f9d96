"""The fields of a message that only describe it: each is there when it can be read, and else absent."""

from collections.abc import Callable, Mapping

from relay.backend_ingest.names import pick
from relay.backend_ingest.values import decoded, number, text, truth

Reader = Callable[[object], object]

RADIO: Mapping[str, Reader] = {
    "avgSnr": number,
    "station": text,
    "lat": number,
    "lng": number,
    "duplicate": truth,
    "deviceTypeId": text,
}

_CUSTOM = "customData"


def read_each(fields: Mapping[str, object], readers: Mapping[str, Reader]) -> dict[str, object]:
    """The fields that have a value, by name."""
    found = {name: reader(pick(fields, name)) for name, reader in readers.items()}
    return {name: value for name, value in found.items() if value is not None}


def read_custom_data(fields: Mapping[str, object]) -> dict[str, object]:
    """What Sigfox decoded from the payload: `customData#temp` comes back as `{"customData": {"temp": …}}`.

    Source: customData#x of Sigfox's callback-level payload configuration.
    """
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
