"""Commands about devices."""

from dataclasses import fields, replace

from relay.commands.asked import Answer, Arguments, device_number
from relay.commands.context import CommandContext
from relay.domain.activity import Action
from relay.domain.device import Device
from relay.domain.device_settings import effective, origins
from relay.domain.device_type import DEFAULT_TYPE, DeviceType
from relay.domain.target import parse_target
from relay.errors import RelayError
from relay.store.device_types import DeviceTypes
from relay.store.provisioning import WantedDevice
from relay.store.records import KeptDelivery, KeptUplink, ListedDevice
from relay.web.policy import target_policy
from relay.web.setting_changes import changed_device


async def provision_devices(context: CommandContext, arguments: Arguments) -> Answer:
    """Add or change a chunk of devices, checked before."""
    policy = target_policy(context.config)
    names = {row["device_type"] for row in arguments["rows"] if row.get("device_type")}
    types = {name: (await type_named(context, name)).id for name in names}
    wanted = [
        WantedDevice(
            label=row["label"],
            token=row["token"],
            order_email=row["email"],
            webhook_url=row["webhook_url"],
            webhook_host=(parse_target(row["webhook_url"], policy).raw_host or "")
            if row["webhook_url"]
            else "",
            type_id=types.get(row.get("device_type", "")),
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
    """A page of devices, those after a number; of one `type`, or of all."""
    wanted = arguments.get("type")
    listed = await context.store.list_devices(
        after=arguments["after"],
        limit=arguments["limit"],
        type_id=(await type_named(context, wanted)).id if wanted else None,
    )
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
        "device": await _with_settings(context, device) if device else None,
        "messages": [_message(kept) for kept in uplinks],
    }


async def _with_settings(context: CommandContext, device: Device) -> Answer:
    """A device, what holds for it after its type, and who says so."""
    device_type = await DeviceTypes(context.store.driver).read(device.type_id) or DEFAULT_TYPE
    settings, origin = effective(device, device_type), origins(device, device_type)
    return {
        **_device(device, device_type.name),
        "settings": {
            field.name: {"value": _plain(getattr(settings, field.name)), "from": origin[field.name]}
            for field in fields(settings)
        },
    }


async def set_device(context: CommandContext, arguments: Arguments) -> Answer:
    """Change the settings of a device, its type among them; empty text leaves a setting to the type."""
    number = device_number(arguments["device"])
    device = await context.store.find_device(number)
    if device is None:
        raise RelayError(f"there is no device {arguments['device'].upper()}")
    type_id = device.type_id
    if (name := arguments.get("type")) is not None:
        type_id = (await type_named(context, name or DEFAULT_TYPE.name)).id
    device_type = await DeviceTypes(context.store.driver).read(type_id) or DEFAULT_TYPE

    def change(found: Device) -> Device:
        return changed_device(replace(found, type_id=type_id), device_type, arguments["settings"])

    await context.store.change_device(number, change, context.deed(number, Action.SETTINGS_CHANGED))
    return {}


async def type_named(context: CommandContext, name: str) -> DeviceType:
    """A device type.

    Raises:
        RelayError: There is none with this name.
    """
    found = await DeviceTypes(context.store.driver).find(name)
    if found is None:
        raise RelayError(f"there is no device type {name[:100]!r}; `relay device-type list` shows them")
    return found


def _plain(value: object) -> object:
    """As JSON has it, here as over the socket."""
    return list(value) if isinstance(value, tuple) else value


def _device(device: Device, type_name: str) -> Answer:
    return {
        "device": device.label,
        "name": device.name,
        "type": type_name,
        "order_email": device.order_email,
        "contact_email": device.contact_email,
        "language": device.language,
        "downlink": device.downlink_template,
        "grammar": device.grammar,
        "created_at_ms": device.created_at_ms,
    }


def _summary(listed: ListedDevice) -> Answer:
    return {**_device(listed.device, listed.type_name), "webhook_host": listed.host}


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
        "downlink_reasons": list(kept.downlink_reasons),
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
