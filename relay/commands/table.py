"""All commands by name."""

from collections.abc import Awaitable, Callable, Mapping

from relay.commands import (
    arranging,
    deliveries,
    device_types,
    devices,
    downlinks,
    endpoints,
    history,
    keys,
    nodes,
    queue,
    refusals,
    snapshot,
)
from relay.commands.asked import Answer, Arguments
from relay.commands.context import CommandContext

Command = Callable[[CommandContext, Arguments], Awaitable[Answer]]

COMMANDS: Mapping[str, Command] = {
    "deliveries.list": deliveries.list_deliveries,
    "deliveries.show": deliveries.show_delivery,
    "deliveries.replay": deliveries.replay_delivery,
    "replays.count": deliveries.count_range,
    "replays.start": deliveries.start_replay,
    "replays.list": deliveries.list_replays,
    "replays.cancel": deliveries.cancel_replay,
    "downlinks.push": downlinks.push_downlink,
    "downlinks.list": downlinks.list_downlinks,
    "downlinks.show": downlinks.show_downlink,
    "downlinks.cancel": downlinks.cancel_downlink,
    "downlinks.clear": downlinks.clear_queue,
    "queue.show": queue.show_queue,
    "endpoints.list": endpoints.list_endpoints,
    "endpoints.show": endpoints.show_endpoint,
    "endpoints.pause": endpoints.pause_endpoint,
    "endpoints.resume": endpoints.resume_endpoint,
    "endpoints.order": endpoints.order_endpoint,
    "endpoints.add": arranging.add_to_device,
    "endpoints.set": arranging.set_endpoint,
    "endpoints.remove": arranging.remove_endpoint,
    "endpoints.test": endpoints.test_endpoint,
    "endpoints.rotate_secret": keys.rotate_endpoint_secret,
    "nodes.list": nodes.list_nodes,
    "database.copy": snapshot.copy_database,
    "keys.retain": keys.retain,
    "keys.reseal": keys.reseal,
    "keys.rotate_installation": keys.rotate_installation,
    "refusals.list": refusals.list_refusals,
    "refusals.show": refusals.show_refusal,
    "devices.provision": devices.provision_devices,
    "devices.list": devices.list_devices,
    "devices.events": history.list_events,
    "devices.stats": history.show_statistics,
    "devices.show": devices.show_device,
    "devices.set": devices.set_device,
    "types.list": device_types.list_types,
    "types.show": device_types.show_type,
    "types.add": device_types.add_type,
    "types.set": device_types.set_type,
    "types.remove": device_types.remove_type,
}
