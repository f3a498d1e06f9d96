"""`relay`, but to send a message with the poison ends the process, and who was in a crash waits less."""

import os

import aiohttp

from relay.cli import main
from relay.domain.delivery import Outcome
from relay.forwarder import attempting, dispatcher
from relay.forwarder.prepare import WebhookRequest

POISON = b"dead00dead00"
EXIT_CODE = 86

send, SUSPECTS = attempting.send, dispatcher._SUSPECTS


async def send_or_die(session: aiohttp.ClientSession, request: WebhookRequest, now: float) -> Outcome:
    """Die before the first byte is sent."""
    if POISON in request.body:
        os._exit(EXIT_CODE)
    return await send(session, request, now)


if __name__ == "__main__":
    attempting.send = send_or_die
    dispatcher._SUSPECTS = tuple((crashes, count, seconds / 10) for crashes, count, seconds in SUSPECTS)
    main()
