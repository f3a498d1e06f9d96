"""Commands about refused callbacks."""

from dataclasses import asdict

from relay.commands.asked import Answer, Arguments
from relay.commands.context import CommandContext
from relay.errors import RelayError
from relay.store.refusals import find_refused, list_refused, refusal_counts

MOST_REASONS = 1000


async def list_refusals(context: CommandContext, arguments: Arguments) -> Answer:
    """Counts by reason, and the newest of the sample."""
    driver = context.store.driver
    counts = await driver.transact(refusal_counts(MOST_REASONS))
    newest = await driver.transact(list_refused(arguments["limit"]))
    return {
        "counts": [asdict(count) for count in counts],
        "newest": [{"id": refused_id, **asdict(refused)} for refused_id, refused in newest],
    }


async def show_refusal(context: CommandContext, arguments: Arguments) -> Answer:
    """One refused callback, as it was sent but for the secrets in it."""
    refused = await context.store.driver.transact(find_refused(arguments["id"]))
    if refused is None:
        raise RelayError(f"there is no refused callback {arguments['id']}; the newest 200 are kept")
    return {"id": arguments["id"], **asdict(refused)}
