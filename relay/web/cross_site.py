"""Posts from other sites are refused: a reader's browser must not be used against its owner."""

from ipaddress import ip_address

from aiohttp import web
from aiohttp.typedefs import Handler
from yarl import URL

from relay.web.keys import CONFIG

_HARMLESS_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE = frozenset({"same-origin", "none"})


@web.middleware
async def refuse_cross_site(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Judge by `Sec-Fetch-Site`, else by `Origin`; a client that sends neither is no browser."""
    if request.method not in _HARMLESS_METHODS and not _from_own_site(request):
        raise web.HTTPForbidden
    return await handler(request)


def _from_own_site(request: web.Request) -> bool:
    sites = request.headers.getall("Sec-Fetch-Site", [])
    if sites:
        return all(site in _OWN_SITE for site in sites)
    public_url = request.app[CONFIG].public_url
    return all(is_own_origin(origin, public_url) for origin in request.headers.getall("Origin", []))


def is_own_origin(origin: str, public_url: str) -> bool:
    """Whether an `Origin` is ours; on loopback `localhost` and `127.0.0.1` are one."""
    try:
        asking, own = URL(origin), URL(public_url)
        if (asking.scheme, asking.port) != (own.scheme, own.port):
            return False
        return asking.host == own.host or (_is_loopback(asking.host) and _is_loopback(own.host))
    except ValueError:
        return False


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ip_address(host or "").is_loopback
    except ValueError:
        return False
