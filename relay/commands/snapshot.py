"""Commands about the database as a whole."""

from relay.commands.asked import Answer, Arguments
from relay.commands.context import CommandContext
from relay.store.snapshot import take_snapshot


async def copy_database(context: CommandContext, _arguments: Arguments) -> Answer:
    """Make a copy beside the database; whoever asks removes it."""
    return {"path": str((await take_snapshot(context.store.driver)).resolve())}
