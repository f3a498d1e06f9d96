"""What is allowed but unwise, and what no service may start with."""

import stat
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import urlsplit

from relay.config.keys import KEYS
from relay.config.load import Loaded
from relay.config.model import Config
from relay.config.secret_text import is_easy_to_guess
from relay.errors import ConfigError


def config_warnings(loaded: Loaded) -> list[str]:
    """What an operator should know about these settings, one sentence each."""
    config = loaded.config
    about = (
        _about_public_url(config),
        _about_networks(config),
        _about_secrets(config),
        _about_the_file(loaded),
    )
    return [sentence for sentences in about for sentence in sentences]


def refuse_readable_secrets(loaded: Loaded) -> None:
    """Refuse a configuration file that everybody on the machine may read while it holds secrets.

    Files named by `…_FILE` are not judged: containers mount them readable, inside.

    Raises:
        ConfigError: It is so; the text says what to type.
    """
    secrets = _secrets_in_file(loaded)
    if secrets and _mode(loaded) & stat.S_IROTH:
        raise ConfigError(
            f"{loaded.path}: everybody on this machine can read it and it holds {', '.join(secrets)}:"
            f" chmod 600 {loaded.path}"
        )


def _about_secrets(config: Config) -> Iterator[str]:
    for name, secrets in (("secret_key", config.secret_key), ("sigfox.secrets", config.sigfox.secrets)):
        if any(is_easy_to_guess(secret.get_secret_value()) for secret in secrets):
            yield f"{name}: holds a repeated pattern, which is easy to guess"


def _about_public_url(config: Config) -> Iterator[str]:
    url = urlsplit(config.public_url)
    if url.scheme == "http" and not _is_loopback(url.hostname or ""):
        yield f"public_url: {config.public_url} is not https: tokens and secrets cross the network in clear"
    if url.scheme == "https" and not config.trusted_proxies:
        yield (
            "trusted_proxies: is empty while public_url is https: behind a proxy every visitor will seem to"
            " come from the proxy; name its address"
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _about_networks(config: Config) -> Iterator[str]:
    networks = {
        "trusted_proxies": (config.trusted_proxies, "anybody can claim any source address"),
        "sigfox.allow_networks": (
            config.sigfox.allow_networks,
            "it keeps nobody out; leave it empty instead",
        ),
        "forwarder.allow_networks": (
            config.forwarder.allow_networks,
            "owners can make the relay connect to private addresses",
        ),
    }
    for key, (given, consequence) in networks.items():
        for network in given:
            if network.prefixlen == 0:
                yield f"{key}: {network} is every address: {consequence}"


def _about_the_file(loaded: Loaded) -> Iterator[str]:
    secrets = _secrets_in_file(loaded)
    if secrets and _mode(loaded) & stat.S_IRGRP:
        yield (
            f"{loaded.path}: its group can read it and it holds {', '.join(secrets)}: chmod 600 {loaded.path}"
        )


def _secrets_in_file(loaded: Loaded) -> list[str]:
    secret = {key.dotted for key in KEYS if key.is_secret}
    if loaded.config.database.hides:
        secret.add("database")
    return sorted(secret & loaded.from_file)


def _mode(loaded: Loaded) -> int:
    return loaded.path.stat().st_mode if loaded.path else 0
