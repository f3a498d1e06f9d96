"""Commands about device types. A type is named by its name."""

from dataclasses import asdict

from relay.commands.asked import Answer, Arguments
from relay.commands.context import CommandContext
from relay.commands.devices import type_named
from relay.domain.device_type import DEFAULT_TYPE_ID, DeviceType
from relay.errors import RelayError
from relay.store.device_types import DeviceTypes
from relay.web.setting_changes import changed_type

NEW_ID = -1
"""Of a type that the store gives an id to."""


async def list_types(context: CommandContext, _arguments: Arguments) -> Answer:
    """All types, the default one first, with how many devices each has."""
    types = DeviceTypes(context.store.driver)
    counts = await types.counts()
    return {"types": [_answer(one, counts.get(one.id, 0)) for one in await types.list()]}


async def show_type(context: CommandContext, arguments: Arguments) -> Answer:
    """One type."""
    found = await type_named(context, arguments["name"])
    counts = await DeviceTypes(context.store.driver).counts()
    return _answer(found, counts.get(found.id, 0))


async def add_type(context: CommandContext, arguments: Arguments) -> Answer:
    """Make a type with some settings; the others are those of the default type before anybody changed it."""
    wanted = DeviceType(id=NEW_ID, name="", created_at_ms=context.now_ms())
    wanted = changed_type(wanted, {**arguments["settings"], "name": arguments["name"]})
    added = await DeviceTypes(context.store.driver).add(wanted)
    if added is None:
        raise _taken(wanted)
    return _answer(added, 0)


async def set_type(context: CommandContext, arguments: Arguments) -> Answer:
    """Change the settings of a type; empty text takes one away."""
    found = await type_named(context, arguments["name"])
    changed = changed_type(found, arguments["settings"])
    if not await DeviceTypes(context.store.driver).put(changed):
        raise _taken(changed)
    return await show_type(context, {"name": changed.name})


async def remove_type(context: CommandContext, arguments: Arguments) -> Answer:
    """Forget a type that no device belongs to."""
    found = await type_named(context, arguments["name"])
    if found.id == DEFAULT_TYPE_ID:
        raise RelayError(f"{found.name} is the type of all devices that have no other; it cannot be removed")
    if not await DeviceTypes(context.store.driver).remove(found.id):
        raise RelayError(f"devices belong to {found.name}: give them another type first")
    return {}


def _taken(wanted: DeviceType) -> RelayError:
    return RelayError(f"there is a device type {wanted.name} already")


def _answer(device_type: DeviceType, devices: int) -> Answer:
    return {**asdict(device_type), "devices": devices}
