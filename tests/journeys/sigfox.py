"""The Sigfox cloud as the relay sees it."""

from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.journeys.relay_program import RelayProgram


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the relay told Sigfox."""

    status: int
    body: bytes


async def call_back(relay: RelayProgram, kind: str = "data", **fields: Any) -> Answer:
    """Make one callback, as JSON."""
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {relay.secret}"}) as session,
        session.post(f"{relay.url}/sigfox/{kind}", json=fields) as response,
    ):
        return Answer(status=response.status, body=await response.read())
