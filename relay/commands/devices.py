"""Commands about devices: arguments and answers are plain JSON values."""

from collections.abc import Mapping
from typing import Any

from relay.commands.context import CommandContext
from relay.decoder import parse_grammar
from relay.domain.device import Device, parse_device_id
from relay.domain.downlink import parse_template
from relay.domain.target import parse_target
from relay.errors import RelayError
from relay.store.provisioning import WantedDevice
from relay.store.records import KeptDelivery, KeptUplink, ListedDevice
from relay.web.policy import target_policy

Arguments = Mapping[str, Any]
Answer = dict[str, Any]


async def provision_devices(context: CommandContext, arguments: Arguments) -> Answer:
    """Add or change a chunk of devices, checked before."""
    policy = target_policy(context.config)
    wanted = [
        WantedDevice(
            label=row["label"],
            token=row["token"],
            order_email=row["email"],
            webhook_url=row["webhook_url"],
            webhook_host=(parse_target(row["webhook_url"], policy).raw_host or "")
            if row["webhook_url"]
            else "",
        )
        for row in arguments["rows"]
    ]
    done = await context.store.provision(
        wanted, language=context.config.ui.default_language, now_ms=context.now_ms()
    )
    return {
        "devices": [
            {"device": one.label, "change": one.change.value, "made_token": one.made_token} for one in done
        ]
    }


async def list_devices(context: CommandContext, arguments: Arguments) -> Answer:
    """A page of devices, those after a number."""
    listed = await context.store.list_devices(after=arguments["after"], limit=arguments["limit"])
    return {
        "devices": [_summary(one) for one in listed],
        "last": listed[-1].device.number if listed else None,
    }


async def show_device(context: CommandContext, arguments: Arguments) -> Answer:
    """A device and its newest messages with their deliveries."""
    number = device_number(arguments["device"])
    device = await context.store.find_device(number)
    uplinks = await context.store.uplinks_of_device(number, limit=arguments["limit"])
    if device is None and not uplinks:
        raise RelayError(f"there is no device {arguments['device'].upper()}, and no message from one")
    return {
        "device": _device(device) if device else None,
        "messages": [_message(kept) for kept in uplinks],
    }


async def set_device(context: CommandContext, arguments: Arguments) -> Answer:
    """Set a device's direct downlink or its grammar; empty text takes it away."""
    number = device_number(arguments["device"])
    known = True
    if (template := arguments.get("downlink")) is not None:
        if template:
            parse_template(template)
        known = await context.store.set_downlink_template(number, template)
    if (grammar := arguments.get("grammar")) is not None:
        if grammar:
            parse_grammar(grammar)
        known = await context.store.set_grammar(number, grammar)
    if not known:
        raise RelayError(f"there is no device {arguments['device'].upper()}")
    return {}


def device_number(text: str) -> int:
    """The device that an operator named.

    Raises:
        RelayError: That is no device ID.
    """
    try:
        return parse_device_id(text)
    except ValueError as error:
        raise RelayError(f"device {text[:40]!r}: {error}") from error


def _device(device: Device) -> Answer:
    return {
        "device": device.label,
        "order_email": device.order_email,
        "contact_email": device.contact_email,
        "language": device.language,
        "downlink": device.downlink_template,
        "grammar": device.grammar,
        "created_at_ms": device.created_at_ms,
    }


def _summary(listed: ListedDevice) -> Answer:
    return {**_device(listed.device), "webhook_host": listed.host}


def _message(kept: KeptUplink) -> Answer:
    uplink = kept.uplink
    return {
        "id": kept.id,
        "kind": uplink.kind.value,
        "time": uplink.time,
        "data": uplink.data,
        "seq_number": uplink.seq_number,
        "rssi": uplink.rssi,
        "snr": uplink.snr,
        "repeats": kept.repeats,
        "unclaimed": kept.unclaimed,
        "downlink": kept.downlink,
        "deliveries": [_delivery(delivery) for delivery in kept.deliveries],
    }


def _delivery(kept: KeptDelivery) -> Answer:
    return {
        "id": kept.id,
        "webhook_id": kept.webhook_id,
        "state": kept.state.value,
        "cause": kept.cause,
        "due_at_ms": kept.due_at_ms,
        "attempts": [
            {
                "number": attempt.number,
                "at_ms": attempt.at_ms,
                "ms": attempt.duration_ms,
                "status": attempt.status,
                "cause": attempt.cause,
                "detail": attempt.detail,
                "answer": attempt.answer,
            }
            for attempt in kept.attempts
        ],
    }
