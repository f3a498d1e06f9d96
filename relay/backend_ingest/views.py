"""HTTP for the Sigfox cloud: `/sigfox/<kind>` and `/sigfox/<kind>/<secret>`."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import hdrs, web

from relay.backend_ingest.asking import ANSWER_WITHIN_SECONDS, Asking
from relay.backend_ingest.batch import parse_batch
from relay.backend_ingest.callback import parse_callback
from relay.backend_ingest.downlink_answer import answer_body
from relay.backend_ingest.fields import read_fields
from relay.backend_ingest.guard import Entrance, Gate, Refused, entrance_of, read_body
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
from relay.store.choosing import Question, Reply
from relay.store.deciding import Deciding
from relay.store.records import Accepted, Incoming, RawCallback
from relay.store.refusals import RefusedCallback
from relay.store.store import Store
from relay.web.headers import SERVER_NAME

_log = logging.getLogger(__name__)

FOLDER = "/sigfox/"
METHODS = (hdrs.METH_GET, hdrs.METH_POST, hdrs.METH_PUT)
RETRY_AFTER_SECONDS = 60
MOST_BODY_SHOWN = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class WayOut:
    """What the door needs of the forwarder.

    `lease_until_ms` tells until when a message accepted now may be leased to this node (None: there is no
    room for it), `offer` takes what is leased, `ask` asks an owner's server for a downlink within so many
    seconds.
    """

    lease_until_ms: Callable[[], int | None]
    offer: Callable[[Sequence[Delivery]], None]
    ask: Callable[[Question, float], Awaitable[Reply]]


def open_door(
    config: Config,
    store: Store,
    refused: RefusedSample,
    metrics: Metrics,
    now: Callable[[], float],
    way_out: WayOut,
) -> "Door":
    """The door that the configuration describes."""
    secrets = tuple(secret.get_secret_value().encode() for secret in config.sigfox.secrets)
    return Door(
        gate=Gate(secrets=secrets, config=config),
        config=config,
        store=store,
        metrics=metrics,
        now=now,
        way_out=way_out,
        asking=Asking(
            store=store,
            ask=way_out.ask,
            ask_within_seconds=config.sigfox.ask_within,
            deciding=Deciding(store.driver),
        ),
        masking=Masking(secret_values(config)),
        refused=refused,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Takes callbacks: reads, keeps and answers them, and hands on what is to be delivered."""

    gate: Gate
    config: Config
    store: Store
    metrics: Metrics
    now: Callable[[], float]
    way_out: WayOut
    asking: Asking
    masking: Masking
    refused: RefusedSample

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Answer any request below `/sigfox/`."""
        entrance = entrance_of(request.rel_url)
        if entrance is None:
            response = web.Response(status=404, text="callbacks go to /sigfox/KIND, such as /sigfox/data\n")
        elif request.method not in METHODS:
            response = _wrong_method()
        else:
            response = await self._take_callback(request, entrance)
        response.headers[hdrs.SERVER] = SERVER_NAME
        return response

    async def _take_callback(self, request: web.BaseRequest, entrance: Entrance) -> web.Response:
        """Take one: 204 or 200 once it is durable, a clear refusal, or 503 so that Sigfox repeats it."""
        started = time.monotonic()
        response = await self._take(request, entrance, started + ANSWER_WITHIN_SECONDS)
        self.metrics.callback_answered(entrance.kind or "", _result(response), time.monotonic() - started)
        return response

    async def _take(self, request: web.BaseRequest, entrance: Entrance, until: float) -> web.Response:
        body = b""
        try:
            kind = self.gate.admit(request, entrance)
            body = await read_body(request)
            uplinks = self._parse(kind, request, body)
            accepted = await self._keep(request, uplinks, body)
            self._count(uplinks, accepted)
            downlinks = await self._downlinks(accepted, until)
        except Refused as refused:
            return self._refusal(request, entrance, refused, body)
        except UnsupportedBody as error:
            return self._refusal(request, entrance, Refused(415, str(error)), body)
        except CallbackError as error:
            return self._refusal(request, entrance, Refused(400, str(error)), body)
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

    def _parse(self, kind: Kind, request: web.BaseRequest, body: bytes) -> list[Uplink]:
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

    async def _keep(self, request: web.BaseRequest, uplinks: Sequence[Uplink], body: bytes) -> list[Accepted]:
        raw, now_ms = _raw(request, body), round(self.now() * 1000)
        lease_until_ms = self.way_out.lease_until_ms()
        accepting = [
            self.store.accept(
                Incoming(uplink=uplink, raw=raw, received_at_ms=now_ms, lease_until_ms=lease_until_ms),
                self.config.sigfox.answer_within,
            )
            for uplink in uplinks
        ]
        accepted, failure = [], None
        for result in await _all_of(accepting):
            if isinstance(result, BaseException):
                failure = result
            else:
                self.way_out.offer(result.deliveries)
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

    def _refusal(
        self, request: web.BaseRequest, entrance: Entrance, refused: Refused, body: bytes
    ) -> web.Response:
        self._keep_refused(request, entrance, refused, body)
        _log.warning(
            "callback.refused",
            extra={"status": refused.status, "reason": refused.reason, "kind": entrance.kind},
        )
        response = web.Response(status=refused.status, text=f"{refused.reason}\n", headers=refused.headers)
        if refused.status in (408, 413):
            response.force_close()  # the rest of the body is not wanted
        return response

    def _keep_refused(
        self, request: web.BaseRequest, entrance: Entrance, refused: Refused, body: bytes
    ) -> None:
        known = self.gate.knows(request, entrance)
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
                    request.method,
                    entrance.kind,
                    entrance.secret is not None,
                    request.rel_url.raw_query_string,
                ),
                headers=self.masking.headers(request.headers),
                body=self.masking.text(body.decode("utf-8", "replace"), MOST_BODY_SHOWN),
            )
        )


def _wrong_method() -> web.Response:
    headers = {hdrs.ALLOW: ",".join(METHODS)}
    return web.Response(status=405, text="callbacks come by GET, POST or PUT\n", headers=headers)


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


def _raw(request: web.BaseRequest, body: bytes) -> RawCallback:
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
