"""Where the relay may connect, as the configuration says."""

from urllib.parse import urlsplit

from relay.config import Config
from relay.domain.target import TargetPolicy


def target_policy(config: Config) -> TargetPolicy:
    """The policy for webhooks; the relay's own addresses are none of them."""
    public = urlsplit(config.public_url)
    own = {(config.listen.host, config.listen.port)} if config.listen.port else set()
    if public.hostname:
        own.add((public.hostname, public.port or {"http": 80, "https": 443}[public.scheme]))
    return TargetPolicy(
        allow_networks=config.forwarder.allow_networks,
        allow_http=config.forwarder.allow_http,
        own_hosts=frozenset(own),
    )
