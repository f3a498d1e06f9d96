"""A request as a command that can be pasted into a shell."""

import shlex
from collections.abc import Mapping


def curl_command(url: str, headers: Mapping[str, str], body: bytes, method: str = "POST") -> str:
    """A command that sends what the relay sends; nothing in it is read by the shell."""
    parts = [
        f"curl --globoff {shlex.quote(url)}",
        *([f"--request {shlex.quote(method)}"] if method != "POST" else []),
        *(f"--header {shlex.quote(f'{name}: {value}')}" for name, value in headers.items()),
        *([f"--data-binary {shlex.quote(body.decode())}"] if body else []),
    ]
    return " \\\n  ".join(parts)
