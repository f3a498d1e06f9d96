"""Which downlink a message gets: its device's chain is walked, and the choice kept before it is handed over.

Whoever chooses for a device holds its row of `downlink_days`: so the day's quota is kept and nothing is taken
from a queue twice, however many nodes are at it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from msgspec import Struct

from relay.domain.delivery import Delivery, DeliveryState
from relay.domain.downlink import parse_template
from relay.domain.downlink_chain import Chain, DownlinkMode, parse_chain
from relay.domain.downlink_state import DownlinkSource, DownlinkState, NoDownlink, join_reasons
from relay.domain.uplink import Uplink
from relay.errors import GrammarError
from relay.store.delivering import read_delivery
from relay.store.driver import Do, Row, Steps

DAY_MS = 86_400_000
ASKING_SECONDS = 8.0
"""For so long nobody else asks: the longest that a callback may wait for its answer, and a little."""
DOWNLINKS_A_DAY = 4
"""Of a device whose type nobody has changed; a standard Sigfox contract allows no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """A message whose device listens, and for which nothing is chosen yet.

    `downlink_id` is fresh. `leased` are its deliveries that this node may make now. `chain` is what is left
    of the device's own, None before it was looked at, and `reasons` say why the ways before gave nothing.
    """

    uplink_id: int
    uplink: Uplink
    downlink_id: int
    now_ms: int
    leased: Sequence[Delivery] = ()
    may_ask: bool = False
    chain: Chain | None = None
    reasons: tuple[NoDownlink, ...] = ()
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A message whose device's owner is to be asked by this node, and by nobody else for `ASKING_SECONDS`.

    `delivery` brings the question. With `is_first_attempt` it is leased to this node for that, and delivered
    when the owner's server takes the question. `listening` is what is left to do without an answer.
    """

    delivery: Delivery
    is_first_attempt: bool
    listening: Listening


class Choice(Struct, frozen=True, kw_only=True):
    """What a message gets: `data` of 16 hex digits, why it gets none, or a question to be asked first."""

    data: str = ""
    source: DownlinkSource | None = None
    queued_id: int | None = None
    reasons: tuple[NoDownlink, ...] = ()
    question: Question | None = None

    @property
    def is_made(self) -> bool:
        """Whether there is nothing more to be asked."""
        return self.question is None


@dataclass(slots=True)
class _Day:
    """How many downlinks a device got today; a `limit` of 0 is none."""

    limit: int
    sent: int

    @property
    def is_full(self) -> bool:
        return 0 < self.limit <= self.sent


@dataclass(frozen=True, slots=True)
class _Books:
    """What is known of the devices that listen: their settings, and their days."""

    settings: Mapping[int, Row]
    days: dict[int, _Day] = field(default_factory=dict)

    def chain_of(self, one: Listening) -> Chain:
        settings = self.settings.get(one.uplink.device)
        if one.chain is not None or settings is None:
            return one.chain or ()
        try:
            return parse_chain(settings["chain"])
        except GrammarError:  # a damaged row must not keep the message out
            return ()

    def is_on(self, one: Listening) -> bool:
        """Whether its device may get a downlink at all."""
        return one.uplink.device in self.settings and (one.chain is not None or bool(self.chain_of(one)))


def choose_all(listening: Sequence[Listening]) -> Steps[list[Choice]]:
    """Choose for each message, and keep what was chosen; the uplinks are locked by the caller."""
    books = yield from _open_books(listening)
    choices = []
    for one in listening:
        choices.append((yield from _choose(one, books)))
    yield from _keep(list(zip(listening, choices, strict=True)))
    return choices


def _open_books(listening: Sequence[Listening]) -> Steps[_Books]:
    wanted = [
        {"device": device, "downlinks_a_day": DOWNLINKS_A_DAY}
        for device in sorted({one.uplink.device for one in listening})
    ]
    books = _Books({row["device"]: row for row in (yield Do("downlink_settings", wanted))})
    today = {one.uplink.device: one.now_ms // DAY_MS for one in listening if books.is_on(one)}
    days = [{"device": device, "day": today[device]} for device in sorted(today)]
    for row in (yield Do("open_downlink_day", days)):
        limit = books.settings[row["device"]]["downlinks_a_day"]
        books.days[row["device"]] = _Day(limit=limit, sent=row["sent"])
    return books


def _choose(one: Listening, books: _Books) -> Steps[Choice]:
    device = one.uplink.device
    if device not in books.settings:
        return Choice(reasons=(NoDownlink.UNKNOWN_DEVICE,))
    if not books.is_on(one):
        return Choice(reasons=(NoDownlink.OFF,))
    day = books.days[device]
    if day.is_full:
        return Choice(reasons=(NoDownlink.QUOTA,))
    choice = yield from _walk(one, books)
    day.sent += bool(choice.data)
    return choice


def _walk(one: Listening, books: _Books) -> Steps[Choice]:
    """The first way that has something is taken."""
    if one.answer:
        return Choice(data=one.answer, source=DownlinkSource.ASK, reasons=one.reasons)
    reasons = one.reasons
    chain = books.chain_of(one)
    for position, mode in enumerate(chain, start=1):
        found = yield from _try(mode, one, books, chain[position:], reasons)
        if not isinstance(found, NoDownlink):
            return found
        reasons = (*reasons, found)
    return Choice(reasons=reasons)


def _try(
    mode: DownlinkMode, one: Listening, books: _Books, rest: Chain, reasons: tuple[NoDownlink, ...]
) -> Steps[Choice | NoDownlink]:
    match mode:
        case DownlinkMode.NONE:
            return NoDownlink.OFF
        case DownlinkMode.DIRECT:
            return _direct(one.uplink, books.settings[one.uplink.device]["template"], reasons)
        case DownlinkMode.QUEUE:
            return (yield from _from_queue(one, reasons))
        case DownlinkMode.ASK:
            return (yield from _question(one, rest, reasons))
        case _:
            assert_never(mode)


def _direct(uplink: Uplink, template: str, reasons: tuple[NoDownlink, ...]) -> Choice | NoDownlink:
    try:
        data = parse_template(template).render(uplink.time, uplink.rssi, uplink.station)
    except GrammarError:  # there is none, or a damaged one
        return NoDownlink.NO_TEMPLATE
    return Choice(data=data, source=DownlinkSource.DIRECT, reasons=reasons)


def _from_queue(one: Listening, reasons: tuple[NoDownlink, ...]) -> Steps[Choice | NoDownlink]:
    rows = yield Do("next_in_queue", [{"device": one.uplink.device, "now_ms": one.now_ms}])
    if not rows:
        return NoDownlink.EMPTY_QUEUE
    queued_id, data = rows[0]["id"], rows[0]["data"]
    yield Do("send_queued", [{"id": queued_id, "uplink_id": one.uplink_id, "now_ms": one.now_ms}])
    return Choice(data=data, source=DownlinkSource.QUEUE, queued_id=queued_id, reasons=reasons)


def _question(one: Listening, rest: Chain, reasons: tuple[NoDownlink, ...]) -> Steps[Choice | NoDownlink]:
    """The question goes to the device's first active endpoint, by the delivery that it has there."""
    if not one.may_ask:
        return NoDownlink.ASK_BUSY
    rows = yield Do("active_delivery_of_uplink", [{"uplink_id": one.uplink_id}])
    if not rows:
        return NoDownlink.NO_ENDPOINT
    if rows[0]["state"] == DeliveryState.DELIVERED:  # another callback brought it, and nobody listens by now
        return NoDownlink.ASK_DELIVERED
    leased = next((delivery for delivery in one.leased if delivery.id == rows[0]["id"]), None)
    delivery = leased or read_delivery((yield Do("read_delivery", [{"id": rows[0]["id"]}]))[0])
    left = replace(one, chain=rest, reasons=reasons, leased=(), may_ask=False)
    question = Question(delivery=delivery, is_first_attempt=leased is not None, listening=left)
    return Choice(question=question)


def _keep(chosen: Sequence[tuple[Listening, Choice]]) -> Steps[None]:
    yield Do("write_choice", [_choice_row(one, choice) for one, choice in chosen])
    given = [(one, choice) for one, choice in chosen if choice.data]
    yield Do(
        "insert_downlink", [_downlink_row(one, choice) for one, choice in given if choice.queued_id is None]
    )
    yield Do("count_downlink", [{"device": one.uplink.device} for one, _ in given])


def _choice_row(one: Listening, choice: Choice) -> dict[str, object]:
    return {
        "id": one.uplink_id,
        "downlink": choice.data,
        "reasons": join_reasons(choice.reasons),  # empty while a question is asked
        "asking_until_ms": None if choice.is_made else one.now_ms + round(ASKING_SECONDS * 1000),
    }


def _downlink_row(one: Listening, choice: Choice) -> dict[str, object]:
    return {
        "id": one.downlink_id,
        "device": one.uplink.device,
        "source": choice.source,
        "data": choice.data,
        "label": "",
        "state": DownlinkState.SENT,
        "created_at_ms": one.now_ms,
        "expires_at_ms": None,
        "tries": 1,
        "most_tries": 1,
        "uplink_id": one.uplink_id,
        "sent_at_ms": one.now_ms,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came of a question: `data` of 16 hex digits, or why there is none."""

    question: Question
    data: str = ""
    reason: NoDownlink | None = None
    now_ms: int = 0


def choose_after(replies: Sequence[Reply]) -> Steps[list[Choice]]:
    """Choose when the owners' servers were asked; what another node chose meanwhile stays."""
    in_order = sorted(replies, key=_place)
    asked = {reply.question.listening.uplink_id: reply for reply in in_order}
    locked = yield Do("choice_for_uplink", [{"id": uplink_id} for uplink_id in asked])
    rows = {row["id"]: row for row in locked}
    undecided = {key: asked[key] for key, row in rows.items() if _is_open(row)}
    choices = yield from choose_all([_after(reply) for reply in undecided.values()])
    chosen = {key: Choice(data=row["downlink"]) for key, row in rows.items()}
    chosen |= zip(undecided, choices, strict=True)
    return [chosen.get(reply.question.listening.uplink_id, Choice()) for reply in replies]


def _place(reply: Reply) -> tuple[int, int, int, str]:
    """The order in which accepting locks messages as well."""
    uplink = reply.question.listening.uplink
    return uplink.device, uplink.time, -1 if uplink.seq_number is None else uplink.seq_number, uplink.data


def choice_of(uplink_id: int) -> Steps[Choice | None]:
    """What was chosen for a message; None while nothing is."""
    rows = yield Do("choice_of_uplink", [{"id": uplink_id}])
    if rows and _is_open(rows[0]):
        return None
    return Choice(data=rows[0]["downlink"] if rows else "")


def _is_open(row: Row) -> bool:
    return not row["downlink"] and not row["downlink_reason"]


def _after(reply: Reply) -> Listening:
    left = reply.question.listening
    reasons = left.reasons if reply.reason is None else (*left.reasons, reply.reason)
    return replace(left, now_ms=reply.now_ms, reasons=reasons, answer=reply.data)
