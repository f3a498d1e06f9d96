"""`/.well-known/sigfox-relay.json`: what receivers need in order to know requests of this relay."""

from ipaddress import IPv4Network, IPv6Network

from aiohttp import web

from relay.config import Config
from relay.domain.webhook import USER_AGENT
from relay.web.keys import CONFIG, PUBLIC_KEYS

PATH = "/.well-known/sigfox-relay.json"
_FOR_EVERYBODY = {"Cache-Control": "public, max-age=3600", "Access-Control-Allow-Origin": "*"}
_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


def setup(app: web.Application) -> None:
    """Add the route; needs the configuration and the public keys in the application."""
    app.router.add_get(PATH, tell)


async def tell(request: web.Request) -> web.Response:
    """The public keys and how requests look; nothing of it is secret."""
    config, public_keys = request.app[CONFIG], request.app[PUBLIC_KEYS]
    facts = {
        "url": config.public_url,
        "webhooks": {
            "method": "POST",
            "content_type": "application/json",
            "user_agent": USER_AGENT,
            "headers": _HEADERS,
            "addresses": addresses_of(config),
        },
        "signatures": {
            "specification": "https://www.standardwebhooks.com/",
            "schemes": ["v1", "v1a"] if public_keys else ["v1"],
            "public_keys": list(public_keys),
        },
    }
    return web.json_response(facts, headers=_FOR_EVERYBODY)


def addresses_of(config: Config) -> list[str]:
    """Where requests come from, as firewalls take it."""
    return [_shortest(network) for network in config.forwarder.egress_addresses]


def _shortest(network: IPv4Network | IPv6Network) -> str:
    return str(network.network_address if network.num_addresses == 1 else network)
