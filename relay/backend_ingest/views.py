"""HTTP for the Sigfox cloud: `/sigfox/<kind>` and `/sigfox/<kind>/<secret>`."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import hdrs, web

from relay.backend_ingest.asking import ANSWER_WITHIN_SECONDS, Asking
from relay.backend_ingest.batch import parse_batch
from relay.backend_ingest.callback import parse_callback
from relay.backend_ingest.downlink_answer import answer_body
from relay.backend_ingest.fields import read_fields
from relay.backend_ingest.guard import Gate, Refused, known_kind, read_body
from relay.backend_ingest.kinds import parse_notice
from relay.backend_ingest.masking import Masking
from relay.backend_ingest.refused import RefusedSample
from relay.config import Config, secret_values
from relay.domain.delivery import Delivery
from relay.domain.device import NO_DEVICE
from relay.domain.downlink_state import DownlinkState
from relay.domain.uplink import Kind, Uplink
from relay.errors import CallbackError, StoreUnavailable, UnsupportedBody
from relay.metrics import Metrics
from relay.store.deciding import Deciding
from relay.store.records import Accepted, Incoming, RawCallback
from relay.store.refusals import RefusedCallback
from relay.store.store import Store
from relay.web.headers import SERVER_NAME
from relay.web.keys import ASK, CONFIG, LEASE_UNTIL_MS, METRICS, NOW, OFFER, STORE

_log = logging.getLogger(__name__)

METHODS = (hdrs.METH_GET, hdrs.METH_POST, hdrs.METH_PUT)
RETRY_AFTER_SECONDS = 60
MOST_BODY_SHOWN = 4096


def setup(app: web.Application, refused: RefusedSample) -> None:
    """Add the ingest routes; needs the configuration in the application."""
    config, store = app[CONFIG], app[STORE]
    secrets = tuple(secret.get_secret_value().encode() for secret in config.sigfox.secrets)
    door = Door(
        gate=Gate(secrets=secrets, config=config),
        config=config,
        store=store,
        metrics=app[METRICS],
        now=app[NOW],
        lease_until_ms=app[LEASE_UNTIL_MS],
        offer=app[OFFER],
        asking=Asking(
            store=store,
            ask=app[ASK],
            ask_within_seconds=config.sigfox.ask_within,
            deciding=Deciding(store.driver),
        ),
        masking=Masking(secret_values(config)),
        refused=refused,
    )
    for path in ("/sigfox/{kind}", "/sigfox/{kind}/{secret}"):
        resource = app.router.add_resource(path)
        for method in METHODS:
            resource.add_route(method, door.take_callback)
        resource.add_route(hdrs.METH_ANY, _refuse_method)
    app.router.add_route(hdrs.METH_ANY, "/sigfox{rest:(/.*)?}", _refuse_path)


async def _refuse_method(request: web.Request) -> web.Response:
    headers = {hdrs.SERVER: SERVER_NAME}
    text = "callbacks come by GET, POST or PUT\n"
    raise web.HTTPMethodNotAllowed(request.method, METHODS, headers=headers, text=text)


async def _refuse_path(_request: web.Request) -> web.Response:
    text = "callbacks go to /sigfox/KIND, such as /sigfox/data\n"
    return web.Response(status=404, text=text, headers={hdrs.SERVER: SERVER_NAME})


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Takes callbacks: reads, keeps and answers them, and hands on what is to be delivered."""

    gate: Gate
    config: Config
    store: Store
    metrics: Metrics
    now: Callable[[], float]
    lease_until_ms: Callable[[], int | None]
    offer: Callable[[Sequence[Delivery]], None]
    asking: Asking
    masking: Masking
    refused: RefusedSample

    async def take_callback(self, request: web.Request) -> web.Response:
        """Take one: 204 or 200 once it is durable, a clear refusal, or 503 so that Sigfox repeats it."""
        started = time.perf_counter()
        response = await self._take(request)
        response.headers[hdrs.SERVER] = SERVER_NAME
        self.metrics.callback_answered(
            known_kind(request) or "", _result(response), time.perf_counter() - started
        )
        return response

    async def _take(self, request: web.Request) -> web.Response:
        body = b""
        until = asyncio.get_running_loop().time() + ANSWER_WITHIN_SECONDS
        try:
            kind = self.gate.admit(request)
            body = await read_body(request)
            uplinks = self._parse(kind, request, body)
            accepted = await self._keep(request, uplinks, body)
            self._count(uplinks, accepted)
            downlinks = await self._downlinks(accepted, until)
        except Refused as refused:
            return self._refusal(request, refused, body)
        except UnsupportedBody as error:
            return self._refusal(request, Refused(415, str(error)), body)
        except CallbackError as error:
            return self._refusal(request, Refused(400, str(error)), body)
        except StoreUnavailable as error:
            _log.error("callback.not_durable", extra={"error": str(error)})
            return web.Response(
                status=503,
                text="not durable, try again later\n",
                headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
            )
        return _answer(uplinks, downlinks)

    def _count(self, uplinks: Sequence[Uplink], accepted: Sequence[Accepted]) -> None:
        """A batch may bring many messages; DATA_ADVANCED brings one when no data callback came before it."""
        repeats = [
            one.repeated
            for uplink, one in zip(uplinks, accepted, strict=True)
            if uplink.kind is Kind.DATA or (uplink.kind is Kind.DATA_ADVANCED and not one.repeated)
        ]
        self.metrics.messages_kept(new=repeats.count(False), repeated=repeats.count(True))
        for one in accepted:
            if one.moved is not None:
                self.metrics.downlink_moved(*one.moved)

    def _parse(self, kind: Kind, request: web.Request, body: bytes) -> list[Uplink]:
        query, content_type = request.rel_url.raw_query_string, request.headers.get(hdrs.CONTENT_TYPE)
        fields, now = read_fields(request.method, query, content_type, body), self.now()
        if kind is Kind.DATA:
            return [parse_callback(kind, fields, now)]
        if kind is Kind.BATCH:
            batching = self.config.sigfox.batch
            batch = parse_batch(fields, now, batching.pattern, batching.parameter)
            for fault in batch.faults:
                facts = {"position": fault.position, "reason": fault.reason}
                _log.warning("callback.line_refused", extra=facts)
            return list(batch.uplinks)
        return [_as_uplink(kind, fields, now)]

    async def _keep(self, request: web.Request, uplinks: Sequence[Uplink], body: bytes) -> list[Accepted]:
        raw, now_ms = _raw(request, body), round(self.now() * 1000)
        accepting = [
            self.store.accept(
                Incoming(uplink=uplink, raw=raw, received_at_ms=now_ms, lease_until_ms=self.lease_until_ms()),
                self.config.sigfox.answer_within,
            )
            for uplink in uplinks
        ]
        accepted, failure = [], None
        for result in await _all_of(accepting):
            if isinstance(result, BaseException):
                failure = result
            else:
                self.offer(result.deliveries)
                accepted.append(result)
        if failure is not None:
            raise failure
        return accepted

    async def _downlinks(self, accepted: Sequence[Accepted], until: float) -> Sequence[str | None]:
        """The downlink of each message; those that are not known yet are asked for, all at once."""
        if not any(one.undecided for one in accepted):
            return [one.downlink for one in accepted]
        return await asyncio.gather(*(self._downlink(one, until) for one in accepted))

    async def _downlink(self, accepted: Accepted, until: float) -> str | None:
        if not accepted.undecided:
            return accepted.downlink
        choice = await self.asking.choice(accepted, until)
        if choice.source is not None and accepted.question is not None:
            self.metrics.downlink_moved(choice.source, DownlinkState.SENT)
        return choice.data or None

    def _refusal(self, request: web.Request, refused: Refused, body: bytes) -> web.Response:
        self._keep_refused(request, refused, body)
        _log.warning(
            "callback.refused",
            extra={"status": refused.status, "reason": refused.reason, "kind": known_kind(request)},
        )
        response = web.Response(status=refused.status, text=f"{refused.reason}\n", headers=refused.headers)
        if refused.status in (408, 413):
            response.force_close()  # the rest of the body is not wanted
        return response

    def _keep_refused(self, request: web.Request, refused: Refused, body: bytes) -> None:
        known, has_path_secret = self.gate.knows(request), "secret" in request.match_info
        if not self.refused.wants(refused.status, refused.reason, known):
            return
        self.refused.add(
            RefusedCallback(
                at_ms=round(self.now() * 1000),
                known=known,
                address=self.gate.address(request),
                status=refused.status,
                reason=refused.reason,
                request_line=self.masking.request_line(
                    request.method, known_kind(request), has_path_secret, request.rel_url.raw_query_string
                ),
                headers=self.masking.headers(request.headers),
                body=self.masking.text(body.decode("utf-8", "replace"), MOST_BODY_SHOWN),
            )
        )


def _result(response: web.Response) -> str:
    match response.status:
        case 200 | 204:
            return "taken"
        case 503:
            return "not_durable"
        case _:
            return "refused"


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


def _raw(request: web.Request, body: bytes) -> RawCallback:
    # aiohttp hands on a header's bytes that are not UTF-8 as lone surrogates
    content_type = request.headers.get(hdrs.CONTENT_TYPE, "").encode("utf-8", "surrogateescape")
    return RawCallback(
        method=request.method,
        query=request.rel_url.raw_query_string,
        content_type=_storable(content_type),
        body=_storable(body),
    )


def _storable(received: bytes) -> str:
    """As text that every database holds; PostgreSQL's holds no NUL."""
    return received.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")


async def _all_of(accepting: Sequence[Coroutine[None, None, Accepted]]) -> list[Accepted | BaseException]:
    if len(accepting) == 1:
        return [await accepting[0]]
    return await asyncio.gather(*accepting, return_exceptions=True)


def _answer(uplinks: Sequence[Uplink], downlinks: Sequence[str | None]) -> web.Response:
    given = {
        uplink.device_text: data for uplink, data in zip(uplinks, downlinks, strict=True) if data is not None
    }
    if not given:
        return web.Response(status=204)
    return web.Response(body=answer_body(given), content_type="application/json")
