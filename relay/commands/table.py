"""All commands by name."""

from collections.abc import Awaitable, Callable, Mapping

from relay.commands import devices, keys, refusals
from relay.commands.context import CommandContext
from relay.commands.devices import Answer, Arguments

Command = Callable[[CommandContext, Arguments], Awaitable[Answer]]

COMMANDS: Mapping[str, Command] = {
    "endpoints.rotate_secret": keys.rotate_endpoint_secret,
    "keys.retain": keys.retain,
    "keys.reseal": keys.reseal,
    "refusals.list": refusals.list_refusals,
    "refusals.show": refusals.show_refusal,
    "devices.provision": devices.provision_devices,
    "devices.list": devices.list_devices,
    "devices.show": devices.show_device,
    "devices.set": devices.set_device,
}
