"""All that is known of one message, read when an endpoint's format asks for more than the classic fields."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from relay.domain.delivery import Delivery
from relay.domain.device_settings import DeviceSettings
from relay.domain.device_type import DEFAULT_TYPE_NAME
from relay.domain.facts import Facts, facts_of
from relay.domain.uplink import OWN_KINDS, Kind
from relay.store.device_types import settings_of
from relay.store.driver import Do, Row, Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMessage:
    """A message before its payload is read, and what is set for its device, if that is known."""

    facts: Facts
    settings: DeviceSettings | None = None


def known_of_delivery(delivery: Delivery) -> Steps[KnownMessage]:
    """What a delivery brings; when its message is gone, what the delivery itself knows."""
    found = yield Do("uplink_of_delivery", [{"id": delivery.id}])
    known = (yield from known_of_uplink(found[0]["uplink_id"])) if found else None
    return known or KnownMessage(facts=facts_of(delivery))


def known_of_uplink(uplink_id: int) -> Steps[KnownMessage | None]:
    """A message or a notice; None when it is gone."""
    rows = yield Do("facts_of_uplink", [{"id": uplink_id}])
    return (yield from known_of_device(rows[0]["device"], _facts(rows[0]))) if rows else None


def known_of_device(device: int, facts: Facts) -> Steps[KnownMessage]:
    """A message that is not kept, with what is set for its device."""
    settings = yield from settings_of(device)
    if settings is None:
        return KnownMessage(facts=facts)
    types = yield Do("type_of_device", [{"number": device}])
    type_name = types[0]["name"] if types else DEFAULT_TYPE_NAME
    named = replace(facts, device_name=settings.name, device_type=type_name)
    return KnownMessage(facts=named, settings=settings)


def _facts(row: Row) -> Facts:
    return Facts(
        device=row["device_text"].upper(),
        time=row["time"],
        received_at_ms=row["received_at_ms"],
        kind=Kind(row["kind"]),
        data=row["data"],
        snr=row["snr"],
        rssi=row["rssi"],
        seq_number=None if row["seq_number"] < 0 else row["seq_number"],
        station=row["station"],
        ack=bool(row["ack"]),
        downlink=row["downlink"],
        more=_more(Kind(row["kind"]), _object(row["more"])),
        radio=_object(row["radio"]),
    )


def _more(kind: Kind, fields: Mapping[str, object]) -> Mapping[str, object]:
    """The relay's own notices are told in Sigfox's way of writing names."""
    return {_camel(name): value for name, value in fields.items()} if kind in OWN_KINDS else fields


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _object(text: str) -> Mapping[str, object]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}
