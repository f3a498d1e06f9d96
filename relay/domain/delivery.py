"""The promise to bring one message to one endpoint, and what each attempt at it came to."""

import enum

from msgspec import Struct

from relay.domain.endpoint import SealedEndpoint
from relay.domain.uplink import Kind


class DeliveryState(enum.StrEnum):
    """Who moves a delivery on is said beside each state."""

    WAITING = "waiting"  # due now, due later, or leased to the node that is trying it
    HELD = "held"  # a success at its endpoint, or the owner's resume or replay, makes it due
    DELIVERED = "delivered"  # for good, but for a replay
    DEAD = "dead"  # given up with its cause; a replay makes it due


class Cause(enum.StrEnum):
    """Why an attempt did not deliver; one sentence for each stands in the catalogues."""

    DNS = "dns"
    BLOCKED_ADDRESS = "blocked_address"
    BAD_URL = "bad_url"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    CONNECT_TIMEOUT = "connect_timeout"
    READ_TIMEOUT = "read_timeout"
    RESET = "reset"
    TLS_EXPIRED = "tls_expired"
    TLS_NAME = "tls_name"
    TLS_SELF_SIGNED = "tls_self_signed"
    TLS_OTHER = "tls_other"
    REDIRECT = "redirect"
    CLIENT_ERROR = "client_error"
    GONE = "gone"
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    BAD_RESPONSE = "bad_response"
    ABORTED = "aborted"
    DISCARDED = "discarded"
    CRASHED = "crashed"
    REMOVED = "removed"
    INTERNAL = "internal"


class Delivery(Struct, frozen=True, kw_only=True):
    """A delivery that is leased to this node, with the message's own facts.

    `attempt` is the number, from 1, of the attempt for which it is leased; it was counted before the
    attempt is made. `tries` counts from the last replay and is what the retry schedule goes by. The endpoint
    is as it stood when the lease was taken: a message goes to the URL that is bound when it is sent.
    `crashes` counts how often the process ended while it held the delivery. `asks_downlink` says that this
    attempt asks the owner's server for a downlink as well.
    """

    id: int
    webhook_id: str
    endpoint: SealedEndpoint
    attempt: int
    tries: int
    device_label: str
    time: int
    data: str
    snr: float | None
    rssi: float | None
    received_at_ms: int
    lease_until_ms: int
    crashes: int = 0
    asks_downlink: bool = False
    kind: Kind = Kind.DATA


class Note(enum.StrEnum):
    """Why the classic fields were sent although the endpoint asks for another format."""

    DECODER_FAILED = "decoder_failed"
    TEMPLATE_FAILED = "template_failed"
    URL_REFUSED = "url_refused"  # what the URL template came to is no address that the relay may call


class Wish(enum.StrEnum):
    """What a receiver may ask in its answer's `webhook-delivery` header."""

    ABORT_MESSAGE = "abort-message"  # never send this message again
    DISABLE = "disable"  # send nothing more


class Course(Struct, frozen=True, kw_only=True):
    """How an attempt went, as far as it came.

    `address` is the one that was connected to. Milliseconds count from the attempt's start: until the
    addresses of the host were known, until the server was reached and TLS began (None without TLS), until the
    connection stood, and until the head of the answer was there. A connection that was kept is neither looked
    up nor made. `headers` are those of the answer, one a line.
    """

    address: str = ""
    looked_up_ms: int | None = None
    reached_ms: int | None = None
    connected_ms: int | None = None
    answered_ms: int | None = None
    headers: str = ""


NOT_SENT = Course()


class Outcome(Struct, frozen=True, kw_only=True):
    """What one HTTP attempt came to: a status, or the cause that prevented one.

    `cause` is None exactly when the status is 200 to 299. `answer` is the beginning of the response body
    as text, at most `MAX_ANSWER_CHARACTERS`. `retry_after` is that header as received. `note` is a word
    (`Note`) for what the owner should know of an attempt besides.
    """

    status: int | None
    cause: Cause | None
    at_ms: int
    duration_ms: int
    answer: str = ""
    retry_after: str | None = None
    wish: Wish | None = None
    detail: str = ""
    note: str = ""
    course: Course = NOT_SENT

    @property
    def ended_at_ms(self) -> int:
        """Unix milliseconds."""
        return self.at_ms + self.duration_ms

    @property
    def wants_no_more(self) -> bool:
        """The receiver is gone, or asks to be left alone, even if it took this message."""
        return self.cause is Cause.GONE or self.wish is Wish.DISABLE


MAX_ANSWER_CHARACTERS = 4096


def result_word(outcome: Outcome) -> str:
    """What an attempt came to, for the record: a status, or what prevented one."""
    return str(outcome.status if outcome.status is not None else outcome.cause)
