"""Request bins: the relay's own addresses that take whatever is sent to them."""

import hashlib
import re
from collections.abc import Container

BIN_PATH = "/b/"
_NAME = re.compile(r"[0-9a-f]{32}")


def inbox_of(key: str) -> str:
    """The public name of a bin whose private key this is; the key cannot be told from the name."""
    return hashlib.sha256(f"bin:{key}".encode()).hexdigest()[:32]


def bin_name(
    host: str | None, port: int | None, path: str, own_hosts: Container[tuple[str, int | None]]
) -> str | None:
    """The name of the relay's own bin at an address; None for every other address."""
    if host is None or port is None or (host, port) not in own_hosts:
        return None
    name = path.removeprefix(BIN_PATH)
    return name if path.startswith(BIN_PATH) and _NAME.fullmatch(name) else None


def bin_url(public_url: str, name: str) -> str:
    """Where to send to; empty when no bin can have this name."""
    return f"{public_url.rstrip('/')}{BIN_PATH}{name}" if _NAME.fullmatch(name) else ""
