"""What accepted callbacks mean for downlinks: some are answered with one, others tell what became of one."""

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from relay.domain.downlink_state import DownlinkState
from relay.domain.uplink import Kind
from relay.store.acknowledging import acknowledge
from relay.store.choosing import Choice, Listening, choose_all
from relay.store.driver import Row, Steps
from relay.store.records import Accepted, Incoming


def with_downlinks(
    batch: Sequence[Incoming],
    accepted: Sequence[Accepted],
    first: Sequence[Row | None],
    new_id: Callable[[], int],
) -> Steps[list[Accepted]]:
    """Choose for those who listen, and take what is acknowledged; `first` are the rows of repeats."""
    answered = list(accepted)
    if not any(_concerns_downlinks(one) for one in batch):
        return answered
    listening = _listening(batch, accepted, first, new_id)
    choices = yield from choose_all(list(listening.values()))
    chosen = dict(zip(listening, choices, strict=True))
    for at, (incoming, row) in enumerate(zip(batch, first, strict=True)):
        if incoming.uplink.ack:
            answered[at] = _answered(answered[at], row, chosen)
        elif incoming.uplink.kind is Kind.ACKNOWLEDGE and row is None:
            moved = yield from acknowledge(incoming.uplink, incoming.received_at_ms)
            answered[at] = replace(answered[at], moved=moved)
    return answered


def _concerns_downlinks(incoming: Incoming) -> bool:
    return incoming.uplink.ack or incoming.uplink.kind is Kind.ACKNOWLEDGE


def _listening(
    batch: Sequence[Incoming],
    accepted: Sequence[Accepted],
    first: Sequence[Row | None],
    new_id: Callable[[], int],
) -> dict[int, Listening]:
    """The messages to choose for, by their ids, each once however often it is in the batch."""
    found: dict[int, Listening] = {}
    for incoming, one, row in zip(batch, accepted, first, strict=True):
        if incoming.uplink.ack and one.uplink_id not in found and _is_free(row, incoming.received_at_ms):
            found[one.uplink_id] = Listening(
                uplink_id=one.uplink_id,
                uplink=incoming.uplink,
                downlink_id=new_id(),
                now_ms=incoming.received_at_ms,
                leased=one.deliveries,
                may_ask=incoming.lease_until_ms is not None,
            )
    return found


def _is_free(row: Row | None, now_ms: int) -> bool:
    """Whether nothing is chosen yet for a message, and nobody is asking for it; None is a new one."""
    if row is None:
        return True
    if row["downlink"] or row["downlink_reason"]:
        return False
    return row["asking_until_ms"] is None or row["asking_until_ms"] <= now_ms


def _answered(one: Accepted, row: Row | None, chosen: dict[int, Choice]) -> Accepted:
    """With the choice; the question, and the move to be counted, are given to one callback only."""
    choice = chosen.get(one.uplink_id)
    if choice is None:
        return _as_chosen_before(one, row)
    chosen[one.uplink_id] = replace(choice, source=None, question=None)
    if choice.question is not None:
        rest = tuple(each for each in one.deliveries if each.id != choice.question.delivery.id)
        return replace(one, deliveries=rest, undecided=True, question=choice.question)
    moved = None if choice.source is None else (choice.source, DownlinkState.SENT)
    is_chosen = bool(choice.data or choice.reasons)
    return replace(one, downlink=choice.data or None, moved=moved, undecided=not is_chosen)


def _as_chosen_before(one: Accepted, row: Row | None) -> Accepted:
    if row is None or not (row["downlink"] or row["downlink_reason"]):
        return replace(one, undecided=True)
    return replace(one, downlink=row["downlink"] or None)
