"""Where a device's messages go."""

import enum
from dataclasses import dataclass


class EndpointState(enum.StrEnum):
    """Who moves an endpoint on is said beside each state."""

    ACTIVE = "active"  # the owner pauses it; the relay suspends it
    PAUSED = "paused"  # the owner resumes it
    SUSPENDED = "suspended"  # one taken probe, or the owner, resumes it


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedEndpoint:
    """What a delivery needs of its endpoint, still sealed (`relay.store.vault`)."""

    id: int
    revision: int
    url_sealed: bytes
    secret_sealed: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One webhook URL of a device with its signing secret (`whsec_...`), both in clear.

    `revision` grows with each change, so that a copy in memory can be known as stale.
    """

    id: int
    device: int
    url: str
    secret: str
    revision: int = 1
    state: EndpointState = EndpointState.ACTIVE
