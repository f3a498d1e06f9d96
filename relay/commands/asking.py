"""Asking the running service at its control socket."""

import json
from pathlib import Path

import aiohttp

from relay.commands.asked import Answer, Arguments
from relay.errors import RelayError


async def ask_service(path: Path, name: str, arguments: Arguments) -> Answer:
    """Have the running service do it.

    Raises:
        RelayError: It says why not, or does not answer.
    """
    connector = aiohttp.UnixConnector(path=str(path))
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=600)) as session,
            session.post(f"http://relay/{name}", json=arguments) as response,
        ):
            answer: Answer = await response.json(content_type=None)
    except (aiohttp.ClientError, json.JSONDecodeError, OSError) as error:
        raise RelayError(f"the running service does not answer commands: {type(error).__name__}") from error
    if response.status != 200:
        raise RelayError(str(answer.get("error", "the running service failed; its log says why")))
    return answer
