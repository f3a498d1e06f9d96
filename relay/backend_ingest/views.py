"""HTTP for the Sigfox cloud: `/sigfox/<kind>` and `/sigfox/<kind>/<secret>`."""

import asyncio
import logging
import time
from collections.abc import Coroutine, Mapping, Sequence

from aiohttp import hdrs, web

from relay.backend_ingest.asking import ANSWER_WITHIN_SECONDS, Asking
from relay.backend_ingest.batch import parse_batch
from relay.backend_ingest.callback import parse_callback
from relay.backend_ingest.downlink_answer import answer_body
from relay.backend_ingest.fields import read_fields
from relay.backend_ingest.guard import MAX_BODY_BYTES, OWN_AGENT_PREFIX, is_secret, presented_secret
from relay.backend_ingest.kinds import parse_notice
from relay.backend_ingest.masking import Masking
from relay.backend_ingest.refused import RefusedSample
from relay.config import secret_values
from relay.domain.device import NO_DEVICE
from relay.domain.downlink_state import DownlinkState
from relay.domain.uplink import OWN_KINDS, Kind, Uplink
from relay.errors import CallbackError, StoreUnavailable, UnsupportedBody
from relay.store.deciding import Deciding
from relay.store.records import Accepted, Incoming, RawCallback
from relay.store.refusals import RefusedCallback
from relay.web.client import client_address
from relay.web.keys import ASK, CONFIG, LEASE_UNTIL_MS, METRICS, NOW, OFFER, STORE

_log = logging.getLogger(__name__)

METHODS = (hdrs.METH_GET, hdrs.METH_POST, hdrs.METH_PUT)
BODY_WITHIN_SECONDS = 5.0
RETRY_AFTER_SECONDS = 60
MOST_BODY_SHOWN = 4096
_KINDS: Mapping[str, Kind] = {kind.value: kind for kind in Kind if kind not in OWN_KINDS}
_SECRETS: web.AppKey[Sequence[bytes]] = web.AppKey("ingest_secrets")
_MASKING = web.AppKey("masking", Masking)
_ASKING = web.AppKey("asking", Asking)
_REFUSED = web.AppKey("refused", RefusedSample)


class _Refused(Exception):
    """The callback is not taken; `status` and `reason` are what the sender is told."""

    def __init__(self, status: int, reason: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.headers = headers


def setup(app: web.Application, refused: RefusedSample) -> None:
    """Add the ingest routes; needs the configuration in the application."""
    app[_REFUSED] = refused
    app[_ASKING] = Asking(
        store=app[STORE],
        ask=app[ASK],
        ask_within_seconds=app[CONFIG].sigfox.ask_within,
        deciding=Deciding(app[STORE].driver),
    )
    app[_MASKING] = Masking(secret_values(app[CONFIG]))
    app[_SECRETS] = tuple(secret.get_secret_value().encode() for secret in app[CONFIG].sigfox.secrets)
    for path in ("/sigfox/{kind}", "/sigfox/{kind}/{secret}"):
        resource = app.router.add_resource(path)
        for method in METHODS:
            resource.add_route(method, take_callback)
        resource.add_route(hdrs.METH_ANY, _refuse_method)
    app.router.add_route(hdrs.METH_ANY, "/sigfox{rest:(/.*)?}", _refuse_path)


async def _refuse_method(request: web.Request) -> web.Response:
    raise web.HTTPMethodNotAllowed(request.method, METHODS, text="callbacks come by GET, POST or PUT\n")


async def _refuse_path(_request: web.Request) -> web.Response:
    return web.Response(status=404, text="callbacks go to /sigfox/KIND, such as /sigfox/data\n")


async def take_callback(request: web.Request) -> web.Response:
    """Take one callback: 204 or 200 once it is durable, a clear refusal, or 503 so that Sigfox repeats it."""
    started = time.perf_counter()
    response = await _take(request)
    request.app[METRICS].callback_answered(
        _known_kind(request) or "", _result(response), time.perf_counter() - started
    )
    return response


def _result(response: web.Response) -> str:
    match response.status:
        case 200 | 204:
            return "taken"
        case 503:
            return "not_durable"
        case _:
            return "refused"


async def _take(request: web.Request) -> web.Response:
    body = b""
    until = asyncio.get_running_loop().time() + ANSWER_WITHIN_SECONDS
    try:
        kind = _guard(request)
        body = await _read_body(request)
        uplinks = _parse(kind, request, body)
        accepted = await _keep(request, uplinks, body)
        _count(request, uplinks, accepted)
        downlinks = await _downlinks(request, accepted, until)
    except _Refused as refused:
        return _refusal(request, refused, body)
    except UnsupportedBody as error:
        return _refusal(request, _Refused(415, str(error)), body)
    except CallbackError as error:
        return _refusal(request, _Refused(400, str(error)), body)
    except StoreUnavailable as error:
        _log.error("callback.not_durable", extra={"error": str(error)})
        return web.Response(
            status=503,
            text="not durable, try again later\n",
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
        )
    return _answer(uplinks, downlinks)


def _count(request: web.Request, uplinks: Sequence[Uplink], accepted: Sequence[Accepted]) -> None:
    """A batch may bring many messages; DATA_ADVANCED brings one when no data callback came before it."""
    repeats = [
        one.repeated
        for uplink, one in zip(uplinks, accepted, strict=True)
        if uplink.kind is Kind.DATA or (uplink.kind is Kind.DATA_ADVANCED and not one.repeated)
    ]
    request.app[METRICS].messages_kept(
        new=repeats.count(False),
        repeated=repeats.count(True),
    )
    for one in accepted:
        if one.moved is not None:
            request.app[METRICS].downlink_moved(*one.moved)


def _guard(request: web.Request) -> Kind:
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise _Refused(413, "the body is larger than 64 KiB")
    if not _has_secret(request):
        raise _Refused(401, "the secret is missing or wrong", {"WWW-Authenticate": 'Basic realm="sigfox"'})
    _guard_source(request)
    if request.headers.get(hdrs.USER_AGENT, "").startswith(OWN_AGENT_PREFIX):
        raise _Refused(403, "the relay does not take its own webhooks")
    if hdrs.CONTENT_ENCODING in request.headers:
        raise _Refused(415, "an encoded body is not taken")
    kind = _known_kind(request)
    if kind is None:
        raise _Refused(404, "no such kind of callback")
    return kind


def _has_secret(request: web.Request) -> bool:
    presented = presented_secret(request.headers.get(hdrs.AUTHORIZATION), request.match_info.get("secret"))
    return is_secret(presented, request.app[_SECRETS])


def _guard_source(request: web.Request) -> None:
    config = request.app[CONFIG]
    if not config.sigfox.allow_networks:
        return
    address = client_address(request, config.trusted_proxies)
    if address is None or not any(address in network for network in config.sigfox.allow_networks):
        raise _Refused(403, "this address may not send callbacks")


async def _read_body(request: web.Request) -> bytes:
    if not request.body_exists:
        return b""
    if request.content_length is None and not _is_only_chunked(request):
        raise _Refused(415, "an encoded body is not taken")
    try:
        if request.content.is_eof():  # all of it came with the headers: nothing to wait for
            return await request.read()
        async with asyncio.timeout(BODY_WITHIN_SECONDS):
            return await request.read()
    except TimeoutError:
        raise _Refused(408, "the body did not come in time", {"Connection": "close"}) from None
    except web.HTTPRequestEntityTooLarge:
        raise _Refused(413, "the body is larger than 64 KiB") from None
    except (ConnectionError, web.PayloadAccessError):
        raise _Refused(400, "the body was cut short") from None


def _is_only_chunked(request: web.Request) -> bool:
    return request.headers.get(hdrs.TRANSFER_ENCODING, "").strip().lower() == "chunked"


def _parse(kind: Kind, request: web.Request, body: bytes) -> list[Uplink]:
    fields = read_fields(
        request.method, request.rel_url.raw_query_string, request.headers.get(hdrs.CONTENT_TYPE), body
    )
    now = request.app[NOW]()
    if kind is Kind.DATA:
        return [parse_callback(kind, fields, now)]
    if kind is Kind.BATCH:
        batching = request.app[CONFIG].sigfox.batch
        batch = parse_batch(fields, now, batching.pattern, batching.parameter)
        for fault in batch.faults:
            _log.warning("callback.line_refused", extra={"position": fault.position, "reason": fault.reason})
        return list(batch.uplinks)
    return [_as_uplink(kind, fields, now)]


def _as_uplink(kind: Kind, fields: Mapping[str, object], now: float) -> Uplink:
    """Callbacks that bring no new message are kept the same way."""
    notice = parse_notice(kind, fields, now)
    return Uplink(
        kind=kind,
        device=NO_DEVICE if notice.device is None else notice.device,
        device_text=notice.device_text,
        time=notice.time,
        time_given=notice.time_given,
        data=notice.data or "",
        seq_number=notice.seq_number,
        rssi=notice.rssi,
        snr=notice.snr,
        more=notice.more,
    )


async def _keep(request: web.Request, uplinks: Sequence[Uplink], body: bytes) -> list[Accepted]:
    app = request.app
    raw = RawCallback(
        method=request.method,
        query=request.rel_url.raw_query_string,
        # aiohttp hands on a header's bytes that are not UTF-8 as lone surrogates
        content_type=_storable(request.headers.get(hdrs.CONTENT_TYPE, "").encode("utf-8", "surrogateescape")),
        body=_storable(body),
    )
    now_ms = round(app[NOW]() * 1000)
    within_seconds = app[CONFIG].sigfox.answer_within
    accepting = [
        app[STORE].accept(
            Incoming(uplink=uplink, raw=raw, received_at_ms=now_ms, lease_until_ms=app[LEASE_UNTIL_MS]()),
            within_seconds,
        )
        for uplink in uplinks
    ]
    accepted, failure = [], None
    for result in await _all_of(accepting):
        if isinstance(result, BaseException):
            failure = result
        else:
            app[OFFER](result.deliveries)
            accepted.append(result)
    if failure is not None:
        raise failure
    return accepted


def _storable(received: bytes) -> str:
    """As text that every database holds; PostgreSQL's holds no NUL."""
    return received.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


async def _all_of(accepting: Sequence[Coroutine[None, None, Accepted]]) -> list[Accepted | BaseException]:
    if len(accepting) == 1:
        return [await accepting[0]]
    return await asyncio.gather(*accepting, return_exceptions=True)


async def _downlinks(
    request: web.Request, accepted: Sequence[Accepted], until: float
) -> Sequence[str | None]:
    """The downlink of each message; those that are not known yet are asked for, all at once."""
    if not any(one.undecided for one in accepted):
        return [one.downlink for one in accepted]
    return await asyncio.gather(*(_downlink(request, one, until) for one in accepted))


async def _downlink(request: web.Request, accepted: Accepted, until: float) -> str | None:
    if not accepted.undecided:
        return accepted.downlink
    choice = await request.app[_ASKING].choice(accepted, until)
    if choice.source is not None and accepted.question is not None:
        request.app[METRICS].downlink_moved(choice.source, DownlinkState.SENT)
    return choice.data or None


def _answer(uplinks: Sequence[Uplink], downlinks: Sequence[str | None]) -> web.Response:
    given = {
        uplink.device_text: data for uplink, data in zip(uplinks, downlinks, strict=True) if data is not None
    }
    if not given:
        return web.Response(status=204)
    return web.Response(body=answer_body(given), content_type="application/json")


def _refusal(request: web.Request, refused: _Refused, body: bytes) -> web.Response:
    _keep_refused(request, refused, body)
    _log.warning(
        "callback.refused",
        extra={"status": refused.status, "reason": refused.reason, "kind": _known_kind(request)},
    )
    response = web.Response(status=refused.status, text=f"{refused.reason}\n", headers=refused.headers)
    if refused.status in (408, 413):
        response.force_close()  # the rest of the body is not wanted
    return response


def _keep_refused(request: web.Request, refused: _Refused, body: bytes) -> None:
    app, known = request.app, _has_secret(request)
    if not app[_REFUSED].wants(refused.status, refused.reason, known):
        return
    masking, has_path_secret = app[_MASKING], "secret" in request.match_info
    app[_REFUSED].add(
        RefusedCallback(
            at_ms=round(app[NOW]() * 1000),
            known=known,
            address=str(client_address(request, app[CONFIG].trusted_proxies) or ""),
            status=refused.status,
            reason=refused.reason,
            request_line=masking.request_line(
                request.method, _known_kind(request), has_path_secret, request.rel_url.raw_query_string
            ),
            headers=masking.headers(request.headers),
            body=masking.text(body.decode("utf-8", "replace"), MOST_BODY_SHOWN),
        )
    )


def _known_kind(request: web.Request) -> Kind | None:
    """The kind for the log; what else stands there may be a secret that was typed in the wrong place."""
    return _KINDS.get(request.match_info["kind"])
