"""Messages as the rows of a list show them: decoded, with gaps, and what became of them in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from relay.decoder.display import Reading, read_payload
from relay.decoder.read import Value
from relay.device_pages.owned import Owned
from relay.device_pages.places import Seen, place_of_message
from relay.domain.device_settings import DeviceSettings
from relay.domain.downlink_state import DownlinkState, parse_reasons
from relay.domain.radio import Radio
from relay.store.driver import Do, Driver, Row, Steps
from relay.store.message_filter import MessageFilter
from relay.store.messages import Message, Messages
from relay.web.downlink_sentences import code_sentence, reason_sentence, state_sentence
from relay.web.showing import Showing

MOST_DOWNLINKS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """One message; `missed` numbers stand before it, `downlink` is the sentence about its downlink.

    `seen` is where it comes from, if it tells.
    """

    message: Message
    reading: Reading
    decoded: str
    missed: int
    radio: Radio
    seen: Seen | None
    downlink: str


async def message_rows(
    driver: Driver,
    owned: Owned,
    settings: DeviceSettings,
    messages: Sequence[Message],
    *,
    has_neighbours: bool = True,
) -> list[MessageRow]:
    """The rows of some messages; gaps are told where nothing was filtered out between them."""
    downlinks = await _downlinks(driver, owned, messages)
    missed = {}
    if messages and has_neighbours:
        before = await Messages(driver).older(owned.device.number, MessageFilter(), messages[-1].place, 1)
        missed = _missed([*messages, *before.messages], settings.sequence_modulo)
    return [_row(owned, settings, one, missed.get(one.id, 0), downlinks) for one in messages]


def decoded_line(show: Showing, reading: Reading) -> str:
    """What a payload says, in one line: `temperature 21.5 °C · moving yes`."""
    return " · ".join(
        f"{field.name} {shown_value(show, field.value)}{chr(0xA0) + field.unit if field.unit else ''}"
        for field in reading.fields
    )


def shown_value(show: Showing, value: Value) -> str:
    """One value as people read it."""
    match value:
        case None:
            return "–"
        case bool():
            return show.words.gettext("yes") if value else show.words.gettext("no")
        case int() | float():
            return show.number(value, 6)
        case _:
            return str(value)


def downlink_sentence(owned: Owned, message: Message, downlinks: Mapping[int, Row]) -> str:
    """What became of the downlink that a message asked for; empty when it asked for none."""
    words = owned.show.words
    if not message.ack:
        return ""
    if not message.downlink:
        reasons = [reason_sentence(words, reason) for reason in parse_reasons(message.downlink_reason)]
        return " ".join(reasons) or words.gettext("No downlink was sent.")
    row = downlinks.get(message.id)
    state = DownlinkState(row["state"]) if row else DownlinkState.SENT
    sentence = state_sentence(words, state)
    if row and row["info_code"] is not None and state is DownlinkState.REFUSED:
        return f"{sentence} {code_sentence(words, row['info_code'])}"
    return sentence


async def _downlinks(driver: Driver, owned: Owned, messages: Sequence[Message]) -> Mapping[int, Row]:
    if not any(one.downlink for one in messages):
        return {}
    return await driver.transact(read_downlinks(owned.device.number))


def read_downlinks(device: int) -> Steps[Mapping[int, Row]]:
    """The last downlinks of a device by the message that they answered."""
    rows = yield Do("recent_downlinks", [{"device": device, "limit": MOST_DOWNLINKS}])
    return {row["uplink_id"]: row for row in rows}


def _row(
    owned: Owned, settings: DeviceSettings, message: Message, missed: int, downlinks: Mapping[int, Row]
) -> MessageRow:
    reading, radio = read_payload(settings, message.data), Radio.from_json(message.radio)
    return MessageRow(
        message=message,
        reading=reading,
        decoded=decoded_line(owned.show, reading),
        missed=missed,
        radio=radio,
        seen=place_of_message(reading, radio, message.time),
        downlink=downlink_sentence(owned, message, downlinks),
    )


def _missed(messages: Sequence[Message], modulo: int) -> dict[int, int]:
    """How many sequence numbers are missing before each message; a device that began anew missed none."""
    found = {}
    for newer, older in pairwise(messages):
        if newer.seq_number is not None and older.seq_number is not None:
            missed = (newer.seq_number - older.seq_number - 1) % modulo
            found[newer.id] = missed if missed < modulo // 2 else 0
    return found
