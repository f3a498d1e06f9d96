"""Where a device's messages go."""

import enum
from dataclasses import dataclass

from msgspec import Struct

from relay.domain.endpoint_options import PLAIN, EndpointOptions
from relay.domain.uplink import Kind


class EndpointState(enum.StrEnum):
    """Only an active endpoint gets its messages; for the others they are held. Who moves it on:"""

    ACTIVE = "active"  # failures close it; the owner pauses it
    FAILING = "failing"  # many failures in a row: probed by the schedule; one success opens it
    SUSPENDED = "suspended"  # no success for days, or the receiver's wish: probed daily; one success opens it
    PAUSED = "paused"  # the owner resumes it


CLOSED = frozenset({EndpointState.FAILING, EndpointState.SUSPENDED})
"""States in which the relay probes."""


def wants(kinds: str, kind: Kind) -> bool:
    """Whether callbacks of a kind go to an endpoint that asked for `kinds` (names with commas between).

    DATA_ADVANCED never does: what it tells goes with its message.
    """
    return kind is not Kind.DATA_ADVANCED and kind in kinds.split(",")


class SealedEndpoint(Struct, frozen=True, kw_only=True):
    """What a delivery needs of its endpoint, still sealed (`relay.store.vault`).

    `troubled` says that there were failures since its last success: then a success has to be written down.
    `ordered` endpoints get one message at a time, in the order of arrival. Without `options_sealed` it gets
    the classic five fields.
    """

    id: int
    revision: int
    url_sealed: bytes
    secret_sealed: bytes
    previous_secret_sealed: bytes | None = None
    previous_secret_until_ms: int = 0
    options_sealed: bytes | None = None
    troubled: bool = False
    ordered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One webhook URL of a device with its signing secret (`whsec_...`), both in clear.

    `revision` grows with each change, so that a copy in memory can be known as stale. Until
    `previous_secret_until_ms` (Unix milliseconds) webhooks are signed with the previous secret as well.
    """

    id: int
    device: int
    url: str
    secret: str
    previous_secret: str | None = None
    previous_secret_until_ms: int = 0
    revision: int = 1
    state: EndpointState = EndpointState.ACTIVE
    options: EndpointOptions = PLAIN
