"""Pages behind what programs call most."""

from functools import partial

from aiohttp import web
from aiohttp.web_urldispatcher import AbstractRuleMatching, MatchedSubAppResource, _InfoDict


class _AllBut(AbstractRuleMatching):
    """Every path outside a folder."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    async def match(self, request: web.Request) -> bool:
        """Whether the request is for the application behind."""
        return not f"{request.path}/".startswith(self._folder)

    def get_info(self) -> _InfoDict:
        """For aiohttp's routes; it knows no folders."""
        return {}

    @property
    def canonical(self) -> str:
        """For aiohttp's routes."""
        return "/"


def put_before(front: web.Application, behind: web.Application, folder: str) -> None:
    """Let `front` answer what lies in `folder` (`/a/`), and `behind`, with its middlewares, all else.

    aiohttp's own `add_subapp` would run the middlewares of the outer application for both, and its
    `add_domain` does this, but by the name of the host alone.
    """
    front._add_subapp(partial(MatchedSubAppResource, _AllBut(folder), behind), behind)  # noqa: SLF001 - see above
