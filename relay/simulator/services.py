"""What the cloud tells of a device beside its messages, in made-up but plausible numbers."""

from collections.abc import Mapping
from typing import assert_never
from urllib.parse import urlencode

from relay.domain.uplink import OWN_KINDS, Kind
from relay.simulator.message import Message
from relay.simulator.shapes import (
    FORM,
    CallbackRequest,
    Template,
    acknowledge_callback,
    data_advanced_callback,
    data_callback,
    json_post,
    request_headers,
    spell,
)

KINDS = tuple(kind for kind in Kind if kind not in OWN_KINDS)


def callback_of(kind: Kind, message: Message, template: Template) -> CallbackRequest:
    """The callback of a kind that goes with a message; a batch holds the message once more."""
    match kind:
        case Kind.DATA:
            return data_callback(message, template)
        case Kind.DATA_ADVANCED:
            return data_advanced_callback(message, template)
        case Kind.ACKNOWLEDGE:
            return acknowledge_callback(message, template)
        case Kind.BATCH:
            return _batch(message, template)
        case Kind.STATUS | Kind.GEOLOC | Kind.REPEATER | Kind.ERROR | Kind.EVENT:
            device = {} if kind is Kind.EVENT else {"device": spell(message.device, template.spelling)}
            facts = {**device, "time": str(message.time), **_facts(kind, message, template)}
            return json_post(kind, message, template, facts)
        case Kind.SILENT | Kind.BACK | Kind.SEQUENCE | Kind.BATTERY:
            raise ValueError(f"the cloud has no callback {kind}")
        case _:
            assert_never(kind)


def _facts(kind: Kind, message: Message, template: Template) -> Mapping[str, str]:
    return {
        Kind.STATUS: {"temp": "21.5", "batt": "3.27", "seqNumber": str(message.seq_number)},
        Kind.GEOLOC: {"seqNumber": str(message.seq_number), "geolocSource": "2", **_place(message)},
        Kind.REPEATER: {
            "batt": "3.1",
            "whitelistDevices": "2",
            "repeatedMsg": "7",
            "unwantedDevices": "0",
            "unwantedMsg": "0",
            "wrongMsg": "1",
            "overRegulMsg": "0",
        },
        Kind.ERROR: {"info": "No message received since 2013-10-08 15:36:21", "severity": "ERROR"},
        Kind.EVENT: {
            "severity": "WARN",
            "sourceId": spell(message.device, template.spelling),
            "sourceType": "DEVICE",
            "eventType": "BREAK_IN_MESSAGE_SEQUENCE",
            "deviceMessageSeqnumber": str(message.seq_number),
        },
    }[kind]


def _place(message: Message) -> Mapping[str, str]:
    found = message.location
    if found is None:
        return {}
    return {"lat": str(found.latitude), "lng": str(found.longitude), "radius": str(found.radius_metres)}


def _batch(message: Message, template: Template) -> CallbackRequest:
    columns = (spell(message.device, template.spelling), message.time, message.data, message.seq_number)
    return CallbackRequest(
        kind=Kind.BATCH,
        device_text=spell(message.device, template.spelling),
        method="POST",
        headers=request_headers(FORM),
        body=urlencode({"batch": ";".join(map(str, columns))}).encode(),
    )
