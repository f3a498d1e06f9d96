"""Commands about downlinks: the queue of a device, and what was."""

from gettext import GNUTranslations

from relay.commands.asked import Answer, Arguments, device_number
from relay.commands.context import CommandContext
from relay.domain.activity import Action
from relay.domain.downlink_data import parse_downlink_data
from relay.errors import RelayError
from relay.store.downlinks import LAST_ID, Downlink, Downlinks, Push
from relay.web.catalogue import read_catalogues
from relay.web.downlink_sentences import code_sentence, state_sentence


async def push_downlink(context: CommandContext, arguments: Arguments) -> Answer:
    """Put a downlink into the queue of a device, or with `replace` in place of all that is in it."""
    device, now_ms = device_number(arguments["device"]), context.now_ms()
    expires_seconds = arguments["expires_seconds"]
    push = Push(
        device=device,
        data=parse_downlink_data(arguments["data"]),
        label=arguments["label"],
        expires_at_ms=None if expires_seconds is None else now_ms + round(expires_seconds * 1000),
        most_tries=arguments["tries"],
    )
    downlinks = Downlinks(context.store.driver)
    pushing = downlinks.replace if arguments["replace"] else downlinks.push
    downlink_id = await pushing(push, now_ms, context.deed(device, Action.DOWNLINK_QUEUED, data=push.data))
    if downlink_id is None:
        raise _no_device(arguments)
    return {"id": downlink_id}


async def list_downlinks(context: CommandContext, arguments: Arguments) -> Answer:
    """The queue of a device, and the newest of what was."""
    device, downlinks = device_number(arguments["device"]), Downlinks(context.store.driver)
    page = await downlinks.list(device, before=arguments.get("before", LAST_ID), limit=arguments["limit"])
    if not page.pending and not page.past and await context.store.find_device(device) is None:
        raise _no_device(arguments)
    words = read_catalogues(["en"])["en"]
    return {
        "downlinks": [_listed(one, words) for one in (*page.pending, *page.past)],
        "next_before": page.next_before,
        "sent_today": await downlinks.sent_today(device, context.now_ms()),
    }


async def show_downlink(context: CommandContext, arguments: Arguments) -> Answer:
    """One downlink."""
    found = await Downlinks(context.store.driver).find(arguments["id"])
    if found is None:
        raise RelayError(f"there is no downlink {arguments['id']}")
    return _listed(found, read_catalogues(["en"])["en"])


async def cancel_downlink(context: CommandContext, arguments: Arguments) -> Answer:
    """Take one downlink out of its queue."""
    downlinks = Downlinks(context.store.driver)
    found = await downlinks.find(arguments["id"])
    if found is None or not await _cancel(context, found):
        raise RelayError(f"downlink {arguments['id']} is in no queue")
    return {}


async def _cancel(context: CommandContext, found: Downlink) -> bool:
    deed = context.deed(found.device, Action.DOWNLINK_CANCELLED, data=found.data)
    return await Downlinks(context.store.driver).cancel(found.device, found.id, context.now_ms(), deed)


async def clear_queue(context: CommandContext, arguments: Arguments) -> Answer:
    """Empty the queue of a device."""
    device = device_number(arguments["device"])
    if await context.store.find_device(device) is None:
        raise _no_device(arguments)
    deed = context.deed(device, Action.QUEUE_EMPTIED)
    return {"cancelled": await Downlinks(context.store.driver).clear(device, context.now_ms(), deed)}


def _no_device(arguments: Arguments) -> RelayError:
    return RelayError(f"there is no device {arguments['device'].upper()}")


def _listed(downlink: Downlink, words: GNUTranslations) -> Answer:
    info_code = downlink.info_code
    return {
        "id": downlink.id,
        "device": f"{downlink.device:X}",
        "data": downlink.data,
        "label": downlink.label,
        "source": downlink.source,
        "state": downlink.state,
        "tries": downlink.tries,
        "most_tries": downlink.most_tries,
        "created_at_ms": downlink.created_at_ms,
        "expires_at_ms": downlink.expires_at_ms,
        "sent_at_ms": downlink.sent_at_ms,
        "ended_at_ms": downlink.ended_at_ms,
        "message": downlink.uplink_id,
        "info_code": info_code,
        "info_message": downlink.info_message,
        "says": state_sentence(words, downlink.state)
        if info_code in (None, 0)
        else code_sentence(words, info_code),
    }
