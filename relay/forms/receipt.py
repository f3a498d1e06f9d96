"""What the page after the form may tell, carried there in a sealed cookie."""

from dataclasses import dataclass, replace

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

from relay.domain.delivery import Cause, Outcome
from relay.domain.endpoint import Endpoint
from relay.store.records import Binding
from relay.web.keys import STORE
from relay.web.sealed_cookie import SealedCookie

_COOKIE = SealedCookie(name="registered", valid_seconds=30 * 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a test message ended, without what the server answered."""

    status: int | None
    cause: Cause | None
    duration_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One registration, for its owner's browser; worth nothing once the endpoint was changed again."""

    endpoint_id: int
    revision: int
    host: str
    shows_secret: bool
    created: bool
    changed: bool
    previous_host: str | None
    waiting: int
    headers_left: bool = False
    trial: Trial | None = None


_READER = TypeAdapter(Receipt)


def receipt_of(binding: Binding, host: str) -> Receipt:
    """What may be told after an endpoint was bound to this host."""
    return Receipt(
        endpoint_id=binding.endpoint.id,
        revision=binding.endpoint.revision,
        host=host,
        shows_secret=binding.new_secret,
        created=binding.created,
        changed=binding.changed,
        previous_host=binding.previous_host,
        waiting=binding.waiting,
        headers_left=binding.headers_left,
    )


def with_trial(receipt: Receipt, outcome: Outcome) -> Receipt:
    """The receipt with the result of a test message."""
    trial = Trial(status=outcome.status, cause=outcome.cause, duration_ms=outcome.duration_ms)
    return replace(receipt, trial=trial)


def write_receipt(request: web.Request, response: web.Response, receipt: Receipt) -> web.Response:
    """Give the browser a receipt along with an answer."""
    _COOKIE.write(request, response, _READER.dump_json(receipt).decode())
    return response


async def read_receipt(request: web.Request) -> tuple[Receipt, Endpoint] | None:
    """The browser's receipt with its endpoint; None when there is none or it is out of date."""
    try:
        receipt = _READER.validate_json(_COOKIE.read(request) or "")
    except ValidationError:
        return None
    endpoint = await request.app[STORE].find_endpoint(receipt.endpoint_id)
    if endpoint is None or endpoint.revision != receipt.revision:
        return None
    return receipt, endpoint
