"""One HTTP attempt. Network trouble is a value, not an exception."""

import socket
import ssl
from time import monotonic

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from relay.domain.delivery import MAX_ANSWER_CHARACTERS, Cause, Course, Outcome, Wish
from relay.forwarder.client import Exchange, WebhookClient
from relay.forwarder.prepare import WebhookRequest
from relay.forwarder.refusal import refusal_of

_WISHES = {wish.value: wish for wish in Wish}

# OpenSSL's codes of X509_verify_cert (x509_vfy.h)
_TLS_CAUSES = {
    10: Cause.TLS_EXPIRED,
    18: Cause.TLS_SELF_SIGNED,
    19: Cause.TLS_SELF_SIGNED,
    62: Cause.TLS_NAME,
    64: Cause.TLS_NAME,
}


async def send(client: WebhookClient, request: WebhookRequest, now: float) -> Outcome:
    """Make one attempt at Unix time `now`; never raises but for cancellation."""
    exchange, cause, detail = Exchange(), None, ""
    try:
        await client.carry_out(request, exchange)
    except Exception as error:  # some storable URLs raise UnicodeError or IndexError inside aiohttp
        cause, detail = cause_of_error(error)
    message = exchange.message
    if message is not None:
        # What a receiver does after its status line changes nothing: it took the message or refused it.
        cause, detail = cause_of_status(message.code), ""
    return Outcome(
        status=message.code if message else None,
        cause=cause,
        at_ms=round(now * 1000),
        duration_ms=exchange.ms_until(monotonic()) or 0,
        answer=_as_text(exchange.body),
        retry_after=message.headers.get("Retry-After") if message else None,
        wish=_wish(message.headers.get("webhook-delivery")) if message else None,
        detail=detail,
        note=request.note or "",
        course=_course(exchange),
    )


def _course(exchange: Exchange) -> Course:
    headers = exchange.message.raw_headers if exchange.message else ()
    connecting = exchange.connecting
    return Course(
        address=exchange.address,
        looked_up_ms=exchange.ms_until(connecting.looked_up),
        reached_ms=exchange.ms_until(exchange.reached),
        connected_ms=exchange.ms_until(connecting.connected),
        answered_ms=exchange.ms_until(exchange.answered),
        headers=_as_text(b"\n".join([name + b": " + value for name, value in headers])),
    )


def _wish(header: str | None) -> Wish | None:
    """What the receiver asks for, if it is something we know."""
    text = (header or "").strip().lower()
    return _WISHES.get(text)


def _as_text(read: bytes) -> str:
    if not read:
        return ""
    # PostgreSQL's text cannot hold NUL.
    return read.decode("utf-8", "replace")[:MAX_ANSWER_CHARACTERS].replace("\0", "\N{REPLACEMENT CHARACTER}")


def cause_of_status(status: int) -> Cause | None:
    """None for 200 to 299; everything else is a failure, redirects included."""
    match status:
        case _ if 200 <= status < 300:
            return None
        case _ if 300 <= status < 400:
            return Cause.REDIRECT
        case 410:
            return Cause.GONE
        case 429:
            return Cause.RATE_LIMITED
        case _ if 400 <= status < 500:
            return Cause.CLIENT_ERROR
        case _ if 500 <= status < 600:
            return Cause.SERVER_ERROR
        case _:
            return Cause.BAD_RESPONSE


def cause_of_error(error: Exception) -> tuple[Cause, str]:
    """Which cause stands behind an exception of one attempt, and a detail fit for an owner's eyes.

    The text of aiohttp's exceptions is never passed on: it may hold the whole URL, or the peer's own bytes.
    """
    if reason := refusal_of(error):
        return Cause.BLOCKED_ADDRESS, reason.value
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _certificate_cause(error.certificate_error)
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, ConnectionError):
        refused = isinstance(error.os_error, ConnectionRefusedError)
        return Cause.REFUSED if refused else Cause.RESET, ""
    for classes, cause in _CAUSES:
        if isinstance(error, classes):
            return cause, ""
    return Cause.INTERNAL, type(error).__name__


def _certificate_cause(error: Exception) -> tuple[Cause, str]:
    if not isinstance(error, ssl.SSLCertVerificationError):
        return Cause.TLS_OTHER, ""
    return _TLS_CAUSES.get(error.verify_code, Cause.TLS_OTHER), error.verify_message


# The first that fits: what is more special stands above what it is a kind of.
_CAUSES: tuple[tuple[tuple[type[Exception], ...], Cause], ...] = (
    ((aiohttp.ClientSSLError, ssl.SSLError), Cause.TLS_OTHER),
    ((aiohttp.ClientConnectorDNSError, socket.gaierror), Cause.DNS),
    ((aiohttp.ConnectionTimeoutError,), Cause.CONNECT_TIMEOUT),
    ((TimeoutError,), Cause.READ_TIMEOUT),
    ((aiohttp.ClientConnectorError,), Cause.UNREACHABLE),
    ((aiohttp.ServerDisconnectedError, ConnectionError, aiohttp.ClientOSError), Cause.RESET),
    ((HttpProcessingError, aiohttp.ClientPayloadError), Cause.BAD_RESPONSE),
    ((aiohttp.InvalidURL, UnicodeError), Cause.BAD_URL),
)
