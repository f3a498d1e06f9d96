"""Commands about deliveries: looking, and sending again."""

from dataclasses import asdict

from msgspec import structs

from relay.commands.asked import Answer, Arguments, device_number
from relay.commands.context import CommandContext
from relay.domain.activity import Action, Deed
from relay.domain.delivery import DeliveryState
from relay.domain.device import NO_DEVICE
from relay.errors import RelayError
from relay.store.deliveries import Deliveries, ListedDelivery, Replayed
from relay.store.records import KeptAttempt
from relay.store.replays import Range, Replay, ReplayedStates, Replays
from relay.store.store import LAST_ID

MOST_LISTED = 1000


async def list_deliveries(context: CommandContext, arguments: Arguments) -> Answer:
    """The newest deliveries below an id, of one device or of all, in one state or in any."""
    deliveries, limit = Deliveries(context.store.driver), min(arguments["limit"], MOST_LISTED)
    device = device_number(arguments["device"]) if arguments["device"] else None
    state = DeliveryState(arguments["state"]) if arguments["state"] else None
    before: int | None = arguments["before"] or LAST_ID
    found: list[ListedDelivery] = []
    while before is not None and len(found) < limit:
        page = await deliveries.list(device=device, state=state, before=before, limit=limit - len(found))
        found += page.deliveries
        before = page.next_before
    return {"deliveries": [_listed(one) for one in found], "next_before": before}


async def show_delivery(context: CommandContext, arguments: Arguments) -> Answer:
    """A delivery with every attempt that is kept of it."""
    found = await Deliveries(context.store.driver).find(arguments["id"])
    if found is None:
        raise _unknown(arguments["id"])
    return {"delivery": _listed(found.delivery), "attempts": [_attempt(one) for one in found.attempts]}


async def replay_delivery(context: CommandContext, arguments: Arguments) -> Answer:
    """Send one delivery again."""
    deliveries = Deliveries(context.store.driver)
    found = await deliveries.find(arguments["id"])
    if found is None:
        raise _unknown(arguments["id"])
    match await deliveries.replay(arguments["id"], context.now_ms(), _deed(context, found.delivery)):
        case Replayed.UNKNOWN:
            raise _unknown(arguments["id"])
        case Replayed.UNDER_WAY:
            raise RelayError(f"delivery {arguments['id']} is being tried at this moment")
        case Replayed.DUE:
            return await show_delivery(context, arguments)


def _deed(context: CommandContext, delivery: ListedDelivery) -> Deed:
    return context.deed(
        device_number(delivery.device_label),
        Action.REPLAYED,
        host=delivery.host,
        data=delivery.data or "–",
    )


async def count_range(context: CommandContext, arguments: Arguments) -> Answer:
    """How many deliveries a replay would send; `until_ms` goes into the call that starts it."""
    wanted = await _range(context, arguments)
    return {"count": await Replays(context.store.driver).count(wanted), "until_ms": wanted.until_ms}


async def start_replay(context: CommandContext, arguments: Arguments) -> Answer:
    """Send a range of deliveries again, a few a second."""
    wanted = await _range(context, arguments)
    deed = context.deed(wanted.device, Action.REPLAY_STARTED)
    return _replay(await Replays(context.store.driver).start(wanted, context.now_ms(), deed))


async def list_replays(context: CommandContext, arguments: Arguments) -> Answer:
    """The newest orders to send a range again, and how far they are."""
    found = await Replays(context.store.driver).list(arguments["limit"])
    return {"replays": [_replay(one) for one in found]}


async def cancel_replay(context: CommandContext, arguments: Arguments) -> Answer:
    """Stop one."""
    deed = context.deed(NO_DEVICE, Action.REPLAY_CANCELLED)
    if not await Replays(context.store.driver).cancel(arguments["id"], deed):
        raise RelayError(f"no replay {arguments['id']} is running; a single delivery cannot be called back")
    return {"id": arguments["id"]}


async def _range(context: CommandContext, arguments: Arguments) -> Range:
    number = device_number(arguments["device"])
    if await context.store.find_device(number) is None:
        raise RelayError(f"there is no device {arguments['device'].upper()}")
    since_ms, until_ms = arguments["since_ms"], arguments["until_ms"]
    until_ms = context.now_ms() if until_ms is None else until_ms
    if until_ms < since_ms:
        raise RelayError("the range ends before it begins")
    states = ReplayedStates(arguments["states"])
    return Range(device=number, states=states, since_ms=since_ms, until_ms=until_ms)


def _unknown(delivery_id: int) -> RelayError:
    return RelayError(f"there is no delivery {delivery_id}; old ones are let go with their message")


def _listed(delivery: ListedDelivery) -> Answer:
    facts = asdict(delivery)
    return {**facts, "device": facts.pop("device_label")}


def _attempt(attempt: KeptAttempt) -> Answer:
    facts = {**asdict(attempt), "course": structs.asdict(attempt.course)}
    return {**facts, "ms": facts.pop("duration_ms")}


def _replay(replay: Replay) -> Answer:
    return {
        "id": replay.id,
        "device": f"{replay.range.device:X}",
        "states": replay.range.states,
        "since_at_ms": replay.range.since_ms,
        "until_at_ms": replay.range.until_ms,
        "total": replay.total,
        "done": replay.done,
        "state": replay.state,
        "created_at_ms": replay.created_at_ms,
    }
