"""Commands about nodes."""

from dataclasses import asdict

from relay.commands.asked import Answer, Arguments
from relay.commands.context import CommandContext
from relay.store.nodes import list_nodes as nodes_in_order


async def list_nodes(context: CommandContext, _arguments: Arguments) -> Answer:
    """All nodes that are known, and whether they are alive."""
    found = await context.store.driver.transact(nodes_in_order())
    return {
        "now_ms": context.now_ms(),
        "nodes": [{**asdict(node), "alive": node.is_alive(context.now_ms())} for node in found],
    }
