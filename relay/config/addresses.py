"""Where the relay listens and how it is reached, and which networks are meant."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_network
from urllib.parse import SplitResult, urlsplit

from relay.config.quote import quote

_HOST_PORT = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<name>[A-Za-z0-9._-]+)):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenAddress:
    """Host (an IPv6 address without brackets) and port (0: any free one) to listen on."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_listen(text: str) -> ListenAddress:
    """Read `host:port` or `[v6]:port`.

    Raises:
        ValueError: It is anything else.
    """
    if text.startswith("unix:"):
        raise ValueError("listening on a Unix socket is not supported yet: write host:port")
    match = _HOST_PORT.fullmatch(text)
    if match is None or int(match["port"]) > 65535 or not _is_v6(match["v6"] or "::"):
        raise ValueError(
            f"{quote(text)} is no address: write host:port, such as 127.0.0.1:8080 or [::1]:8080"
        )
    return ListenAddress(host=match["v6"] or match["name"], port=int(match["port"]))


def _is_v6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def parse_network(text: str) -> IPv4Network | IPv6Network:
    """Read a network or a single address.

    Raises:
        ValueError: It is neither, or has bits set beyond its prefix.
    """
    try:
        return ip_network(text)
    except ValueError:
        pass
    try:
        meant = ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{quote(text)} is no network: write it as 192.168.1.0/24 or fd00::/8") from None
    raise ValueError(f"{quote(text)} is an address inside a network: did you mean {quote(str(meant))}?")


def parse_public_url(text: str) -> str:
    """Read the address under which people and Sigfox reach the relay; a slash at its end is dropped.

    Raises:
        ValueError: It is no plain `http://host` or `https://host`, with or without a port.
    """
    if not _is_origin(text):
        raise ValueError(
            f"{quote(text)} is no public address: write http:// or https://, a host and nothing after it,"
            " such as https://relay.example.org"
        )
    return text.removesuffix("/")


def _is_origin(text: str) -> bool:
    if not text.isascii() or not text.isprintable() or any(c in text for c in " \\?#@"):
        return False
    try:
        parts = urlsplit(text)
        return _has_host_only(parts) and parts.port != 0
    except ValueError:
        return False


def _has_host_only(parts: SplitResult) -> bool:
    return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.path in ("", "/")
