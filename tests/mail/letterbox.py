"""The mails that the pages gave rise to, as their recipients get them."""

from dataclasses import dataclass

import trustme

from relay.mail.postman import BATCH, make_postman
from tests.mail.server import Arrived, mail_server, trusting
from tests.pages import Pages, make_config

SMTP = {"host": "localhost", "from": "relay@relay.example.org"}
"""Settings with which the pages write mails; they are sent when a test asks for them."""


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Sends what the pages wrote."""

    pages: Pages
    authority: trustme.CA

    async def empty(self) -> list[Arrived]:
        """All mails since the last time, through a real mail server."""
        async with mail_server(self.authority, "starttls") as server:
            config = make_config(smtp=server.settings().model_dump(by_alias=True))
            postman = make_postman(
                config, self.pages.store, lambda: self.pages.world.now, trusting(self.authority)
            )
            while await postman.send_once() == BATCH:
                continue
            return server.arrived

    async def links(self) -> list[str]:
        """The paths of all links in the mails since the last time."""
        lines = [line for mail in await self.empty() for line in mail.text.splitlines()]
        return [line[line.index("/links/") :] for line in lines if "/links/" in line]
