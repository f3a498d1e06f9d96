"""What the store is given and gives back."""

from dataclasses import dataclass

from msgspec import Struct

from relay.domain.delivery import NOT_SENT, Course, Delivery, DeliveryState, Outcome
from relay.domain.device import Device
from relay.domain.downlink_state import DownlinkSource, DownlinkState, NoDownlink
from relay.domain.endpoint import Endpoint
from relay.domain.uplink import Uplink
from relay.domain.verdict import Verdict
from relay.store.choosing import Question

Moved = tuple[DownlinkSource, DownlinkState]
"""A downlink by its source, and the state that it came to."""


class RawCallback(Struct, frozen=True, kw_only=True):
    """A callback as received, without its headers and path: those may hold the secret."""

    method: str
    query: str
    content_type: str
    body: str


class Incoming(Struct, frozen=True, kw_only=True):
    """An uplink to keep; `lease_until_ms` is None when this node has no room to send at once."""

    uplink: Uplink
    raw: RawCallback
    received_at_ms: int
    lease_until_ms: int | None


class Accepted(Struct, frozen=True, kw_only=True):
    """What became of a callback: `deliveries` are leased to this node, `downlink` is 16 hex digits.

    `undecided` says that the owner's server must be asked before it is known whether there is a downlink: by
    this node if there is a `question`, else somebody is asking already. `moved` tells where the downlink came
    from that was sent, or of which this callback brings the acknowledgement, and how it stands now.
    """

    uplink_id: int
    repeated: bool
    downlink: str | None
    deliveries: tuple[Delivery, ...]
    undecided: bool = False
    question: Question | None = None
    moved: Moved | None = None


class Settlement(Struct, frozen=True, kw_only=True):
    """The end of one attempt."""

    delivery: Delivery
    outcome: Outcome
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrant:
    """A device with what proves its owner."""

    device: Device
    token_digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What the form changed.

    `new_secret` says that the signing secret has not been shown yet; `waiting` counts the messages that came
    before the device had an endpoint and are delivered now. `headers_left` says that headers of the
    owner's own are not sent to the new host.
    """

    endpoint: Endpoint
    created: bool
    changed: bool
    new_secret: bool
    previous_host: str | None
    waiting: int
    headers_left: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDevice:
    """A row of the device list; `host` is that of its first endpoint."""

    device: Device
    host: str | None
    type_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAttempt:
    """An attempt as recorded."""

    number: int
    at_ms: int
    duration_ms: int
    status: int | None
    cause: str | None
    detail: str
    answer: str
    note: str
    course: Course = NOT_SENT


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDelivery:
    """A delivery as it stands, with its attempts."""

    id: int
    webhook_id: str
    state: DeliveryState
    attempt_count: int
    due_at_ms: int
    leased: bool
    cause: str | None
    attempts: tuple[KeptAttempt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptUplink:
    """An uplink as kept, with its deliveries."""

    id: int
    uplink: Uplink
    received_at_ms: int
    unclaimed: bool
    repeats: int
    downlink: str
    downlink_reasons: tuple[NoDownlink, ...]
    deliveries: tuple[KeptDelivery, ...]
