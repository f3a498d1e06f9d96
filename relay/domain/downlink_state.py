"""Where a downlink came from, why there was none, and what became of it."""

import enum
from typing import assert_never

ACKNOWLEDGED_WITHIN_SECONDS = 3600
"""A downlink of which nothing is heard for so long counts as not transmitted; Sigfox tells in minutes."""


class DownlinkSource(enum.StrEnum):
    """Who chose the 8 bytes."""

    DIRECT = "direct"  # the template
    QUEUE = "queue"  # whoever put them in the device's queue
    ASK = "ask"  # the owner's server


class DownlinkState(enum.StrEnum):
    """Who moves a downlink on is said beside each state."""

    PENDING = "pending"  # in the queue until the device listens, it expires, or somebody cancels it
    SENT = "sent"  # handed to Sigfox, whose ACKNOWLEDGE callback says what became of it
    ACKNOWLEDGED = "acknowledged"  # transmitted by the network; whether the device got it nobody knows
    REFUSED = "refused"  # not transmitted; the info code says why
    EXPIRED = "expired"  # too old for the queue, or nothing was heard of its last try
    CANCELLED = "cancelled"  # taken out of the queue


class NoDownlink(enum.StrEnum):
    """Why a device that listened got nothing, or nothing from one way of its chain."""

    UNKNOWN_DEVICE = "unknown_device"
    OFF = "off"
    QUOTA = "quota"
    NO_TEMPLATE = "no_template"
    EMPTY_QUEUE = "empty_queue"
    NO_ENDPOINT = "no_endpoint"
    ASK_BUSY = "ask_busy"
    ASK_DELIVERED = "ask_delivered"
    ASK_TIMEOUT = "ask_timeout"
    ASK_FAILED = "ask_failed"
    ASK_NO_DATA = "ask_no_data"
    ASK_INVALID = "ask_invalid"


def join_reasons(reasons: tuple[NoDownlink, ...]) -> str:
    """As it is kept: in the order of the chain, with commas between."""
    return ",".join(reasons)


def parse_reasons(text: str) -> tuple[NoDownlink, ...]:
    """What `join_reasons` wrote."""
    return tuple(NoDownlink(word) for word in text.split(",") if word)


class InfoCode(enum.IntEnum):
    """What an ACKNOWLEDGE callback says.

    Source: support.sigfox.com/docs/acknowledge; 10 is known from sigfox-api-portal.
    """

    ACKED = 0
    NO_ANSWER = 1
    INVALID_PAYLOAD = 2
    OVERRUN_ERROR = 3
    NETWORK_ERROR = 4
    PENDING = 5
    NO_DOWNLINK_CONTRACT = 6
    TOO_MANY_REQUESTS = 7
    INVALID_CONFIGURATION = 8
    ROAMING_PENDING = 10


_NOT_YET = frozenset({InfoCode.PENDING, InfoCode.ROAMING_PENDING})


def after_acknowledgement(info_code: int, *, may_try_again: bool) -> DownlinkState:
    """How a downlink that was sent stands after an ACKNOWLEDGE callback; codes nobody knows refuse it."""
    if info_code in _NOT_YET:
        return DownlinkState.SENT
    if info_code == InfoCode.ACKED:
        return DownlinkState.ACKNOWLEDGED
    return DownlinkState.PENDING if may_try_again else DownlinkState.REFUSED


def is_open(state: DownlinkState) -> bool:
    """Whether something may still become of it."""
    match state:
        case DownlinkState.PENDING | DownlinkState.SENT:
            return True
        case (
            DownlinkState.ACKNOWLEDGED
            | DownlinkState.REFUSED
            | DownlinkState.EXPIRED
            | DownlinkState.CANCELLED
        ):
            return False
        case _:
            assert_never(state)
