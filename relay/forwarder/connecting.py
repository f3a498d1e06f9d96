"""When a connection's parts were done, as aiohttp tells it."""

import time

from aiohttp.tracing import Trace


class Connecting(Trace):
    """Takes the times of one connection that is made; a kept one has none. All are monotonic seconds."""

    def __init__(self) -> None:
        self.looked_up: float | None = None
        self.connected: float | None = None

    async def send_connection_create_start(self) -> None:
        """No kept connection is there."""

    async def send_dns_resolvehost_start(self, _host: str) -> None:
        """A literal address is not looked up."""

    async def send_dns_resolvehost_end(self, _host: str) -> None:
        """Its addresses are known."""
        self.looked_up = time.monotonic()

    async def send_connection_create_end(self) -> None:
        """It stands, TLS included."""
        self.connected = time.monotonic()

    async def send_connection_reuseconn(self) -> None:
        """A kept one is taken."""
