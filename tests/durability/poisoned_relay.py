"""`relay`, but for one thing: to send a message with the poison ends the process."""

import os

import aiohttp

from relay.cli import main
from relay.domain.delivery import Outcome
from relay.forwarder import dispatcher
from relay.forwarder.prepare import WebhookRequest

POISON = b"dead00dead00"
EXIT_CODE = 86

send = dispatcher.send


async def send_or_die(session: aiohttp.ClientSession, request: WebhookRequest, now: float) -> Outcome:
    """Die before the first byte is sent."""
    if POISON in request.body:
        os._exit(EXIT_CODE)
    return await send(session, request, now)


if __name__ == "__main__":
    dispatcher.send = send_or_die
    main()
