"""Where a relay takes callbacks, and how it wants to see the secret."""

import asyncio
import base64
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from yarl import URL

from relay.domain.uplink import Kind


class SecretIn(enum.StrEnum):
    """Where the operator put the secret: Sigfox signs nothing."""

    BEARER = "bearer"
    BASIC = "basic"
    PATH = "path"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingest:
    """`url` is the base, as `https://relay.example/sigfox`; the kind of callback is appended to it."""

    url: str
    secret: str
    secret_in: SecretIn = SecretIn.BEARER

    def address(self, kind: Kind, query: str = "") -> URL:
        path = f"{self.url.rstrip('/')}/{kind}"
        if self.secret_in is SecretIn.PATH:
            path += f"/{quote(self.secret, safe='')}"
        return URL(f"{path}?{query}" if query else path, encoded=True)

    def headers(self) -> Mapping[str, str]:
        match self.secret_in:
            case SecretIn.BEARER:
                return {"Authorization": f"Bearer {self.secret}"}
            case SecretIn.BASIC:
                credentials = base64.b64encode(f"sigfox:{self.secret}".encode()).decode()
                return {"Authorization": f"Basic {credentials}"}
            case SecretIn.PATH:
                return {}


async def try_connection(url: str, within_seconds: float) -> None:
    """Open a connection to the host and port of a URL, and close it.

    Raises:
        OSError: Nobody listens there, or the host is unknown or does not answer in time.
    """
    address = URL(url)
    async with asyncio.timeout(within_seconds):
        _, writer = await asyncio.open_connection(address.host, address.port)
    writer.close()
    await writer.wait_closed()
