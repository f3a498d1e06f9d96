"""What commands are asked and answer: plain JSON values."""

from collections.abc import Mapping
from typing import Any

from relay.domain.device import parse_device_id
from relay.errors import RelayError

Arguments = Mapping[str, Any]
Answer = dict[str, Any]


def device_number(text: str) -> int:
    """The device that an operator named.

    Raises:
        RelayError: That is no device ID.
    """
    try:
        return parse_device_id(text)
    except ValueError as error:
        raise RelayError(f"device {text[:40]!r}: {error}") from error
