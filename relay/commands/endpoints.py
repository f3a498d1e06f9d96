"""Commands about endpoints: looking, pausing, resuming, testing."""

from collections.abc import Sequence

from relay.commands.arranging import arrangement, described
from relay.commands.asked import Answer, Arguments, device_number
from relay.commands.context import CommandContext
from relay.domain.activity import Action
from relay.domain.delivery import Cause, Outcome, result_word
from relay.domain.endpoint import EndpointState
from relay.domain.health import Health
from relay.domain.sample import USUAL_SAMPLE
from relay.errors import RelayError
from relay.store.activity import write_activity
from relay.store.counting import OpenDeliveries
from relay.store.endpoints import Backlog, Endpoints, EndpointSummary
from relay.store.settling import HealthChange
from relay.web.catalogue import read_catalogues
from relay.web.causes import cause_sentence
from relay.web.option_faults import note_sentence


async def list_endpoints(context: CommandContext, arguments: Arguments) -> Answer:
    """A page of endpoints, those with an id above `after`."""
    state = EndpointState(arguments["state"]) if arguments["state"] else None
    found = await Endpoints(context.store.driver).list(
        state=state, after=arguments["after"], limit=arguments["limit"]
    )
    return {"endpoints": [_summary(one) for one in found], "last": found[-1].id if found else None}


async def show_endpoint(context: CommandContext, arguments: Arguments) -> Answer:
    """The endpoints of a device, with what is not delivered to them."""
    endpoints = Endpoints(context.store.driver)
    return {
        "endpoints": [
            {
                **_summary(one),
                **described(await arrangement(context, one.id)),
                "open": [_open(each) for each in await endpoints.open_deliveries(one.id)],
            }
            for one in await chosen_endpoints(context, arguments)
        ]
    }


async def pause_endpoint(context: CommandContext, arguments: Arguments) -> Answer:
    """Hold what comes for a device until somebody resumes."""
    for one in await chosen_endpoints(context, arguments):
        deed = context.deed(one.device, Action.PAUSED, host=one.host)
        await Endpoints(context.store.driver).pause(one.id, deed)
        _tell(context, one, EndpointState.PAUSED)
    return await show_endpoint(context, arguments)


async def resume_endpoint(context: CommandContext, arguments: Arguments) -> Answer:
    """Send to a device's endpoints again; `backlog` says what happens to what was held."""
    backlog, given_up = Backlog(arguments["backlog"]), 0
    for one in await chosen_endpoints(context, arguments):
        deed = context.deed(one.device, Action.RESUMED, host=one.host)
        given_up += await Endpoints(context.store.driver).resume(one.id, backlog, context.now_ms(), deed)
        _tell(context, one, EndpointState.ACTIVE)
    return {**await show_endpoint(context, arguments), "given_up": given_up}


async def order_endpoint(context: CommandContext, arguments: Arguments) -> Answer:
    """Send the messages of a device one at a time in the order of their arrival, or not."""
    for one in await chosen_endpoints(context, arguments):
        deed = context.deed(one.device, Action.WEBHOOK_SET, host=one.host)
        await Endpoints(context.store.driver).set_ordered(one.id, bool(arguments["ordered"]), deed)
    return await show_endpoint(context, arguments)


async def test_endpoint(context: CommandContext, arguments: Arguments) -> Answer:
    """Send a sample to each endpoint of a device, once, and tell what came of it."""
    return {"tests": [await _test(context, one) for one in await chosen_endpoints(context, arguments)]}


async def _test(context: CommandContext, summary: EndpointSummary) -> Answer:
    endpoint = await context.store.find_endpoint(summary.id)
    if endpoint is None:
        raise RelayError(f"the webhook of device {summary.device_label} is gone")
    outcome = await context.try_out(endpoint, USUAL_SAMPLE)
    facts = {"data": USUAL_SAMPLE.data, "result": result_word(outcome)}
    deed = context.deed(summary.device, Action.TESTED, host=summary.host, **facts)
    await context.store.driver.transact(write_activity(deed))
    return {
        "device": summary.device_label,
        "host": summary.host,
        "taken": outcome.cause is None,
        "status": outcome.status,
        "cause": outcome.cause,
        "says": _sentence(outcome, outcome.cause, summary.host),
        "ms": outcome.duration_ms,
        "answer": outcome.answer,
    }


def _sentence(outcome: Outcome, cause: Cause | None, host: str) -> str:
    words = read_catalogues(["en"])["en"]
    said = f"Taken with status {outcome.status}."
    if cause is not None:
        said = cause_sentence(words, cause, host=host, status=outcome.status)
    return f"{said} {note_sentence(words, outcome.note)}".rstrip()


async def chosen_endpoints(context: CommandContext, arguments: Arguments) -> Sequence[EndpointSummary]:
    """All endpoints of `device`, or with `number` only that one; then `device` may be empty.

    Raises:
        RelayError: There is none.
    """
    number, label = arguments.get("number"), arguments["device"].upper()
    if number is None:
        return await _of_device(context, label)
    device = (await arrangement(context, number)).endpoint.device
    if label and device_number(label) != device:
        raise RelayError(f"webhook {number} belongs to another device than {label}")
    return [one for one in await Endpoints(context.store.driver).of_device(device) if one.id == number]


async def _of_device(context: CommandContext, label: str) -> Sequence[EndpointSummary]:
    number = device_number(label)
    found = await Endpoints(context.store.driver).of_device(number)
    if found:
        return found
    if await context.store.find_device(number) is None:
        raise RelayError(f"there is no device {label}")
    raise RelayError(f"device {label} has no webhook yet")


def _tell(context: CommandContext, endpoint: EndpointSummary, state: EndpointState) -> None:
    """The running service closes the lanes of an endpoint that was closed, and logs the change."""
    if endpoint.health.state is not state:
        change = HealthChange(endpoint_id=endpoint.id, before=endpoint.health, after=Health(state=state))
        context.store.writer.on_health([change])


def _summary(endpoint: EndpointSummary) -> Answer:
    health = endpoint.health
    return {
        "id": endpoint.id,
        "device": endpoint.device_label,
        "host": endpoint.host,
        "state": health.state,
        "failures": health.failures,
        "failing_since_at_ms": health.failing_since_ms,
        "next_probe_at_ms": health.probe_at_ms,
        "cause": health.cause,
        "draining": endpoint.draining,
        "ordered": endpoint.ordered,
    }


def _open(found: OpenDeliveries) -> Answer:
    return {"state": found.state, "count": found.count, "oldest_at_ms": found.oldest_at_ms}
