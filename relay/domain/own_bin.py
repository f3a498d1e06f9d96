"""Request bins: the relay's own addresses that take whatever is sent to them."""

import hashlib
import re
from collections.abc import Container

BIN_PATH = "/b/"
_PATH = re.compile(r"/b/([0-9a-f]{32})")


def inbox_of(key: str) -> str:
    """The public name of a bin whose private key this is; the key cannot be told from the name."""
    return hashlib.sha256(f"bin:{key}".encode()).hexdigest()[:32]


def bin_name(
    host: str | None, port: int | None, path: str, own_hosts: Container[tuple[str, int | None]]
) -> str | None:
    """The name of the relay's own bin at an address; None for every other address."""
    if host is None or port is None or (host, port) not in own_hosts:
        return None
    found = _PATH.fullmatch(path)
    return found[1] if found else None
