"""One message: what came, what it says, and every attempt to deliver it."""

from aiohttp import web

from relay.decoder.display import read_payload
from relay.device_pages.attempts import ShownDelivery, shown_delivery
from relay.device_pages.byte_view import byte_view, field_colour
from relay.device_pages.frame import Tab, device_page, done
from relay.device_pages.listed import kept_days
from relay.device_pages.message_rows import downlink_sentence, read_downlinks, shown_value
from relay.device_pages.messages import settings_for
from relay.device_pages.owned import Owned
from relay.device_pages.places import place_of_message, source_sentence
from relay.domain.activity import Action
from relay.domain.radio import Radio
from relay.domain.webhook import classic_body
from relay.store.deliveries import Deliveries, Replayed
from relay.store.message_filter import MessageFilter
from relay.store.messages import Message, Messages
from relay.store.one_message import WholeMessage, read_message
from relay.web.activity import deed_of
from relay.web.catalogue import phrase
from relay.web.keys import STORE

MESSAGE_PATH = r"m/{message:\d{1,18}}"


async def show_message(request: web.Request, owned: Owned) -> web.Response:
    """The page of a message; of one that is another device's it says the same as of one that is not there."""
    whole = await _find(request, owned)
    if whole is None:
        return await _gone(request, owned)
    driver = request.app[STORE].driver
    settings = await settings_for(request, owned)
    reading = read_payload(settings, whole.message.data)
    radio = Radio.from_json(whole.message.radio)
    seen = place_of_message(reading, radio, whole.message.time)
    downlinks = await driver.transact(read_downlinks(owned.device.number))
    newer, older = await _neighbours(request, owned, whole.message)
    return await device_page(
        request,
        owned,
        Tab.MESSAGES,
        "devices/message.html",
        whole=whole,
        message=whole.message,
        reading=reading,
        bytes=byte_view(whole.message.data, reading.fields),
        field_colour=field_colour,
        shown_value=lambda value: shown_value(owned.show, value),
        radio=radio,
        seen=seen,
        place_source=source_sentence(owned, seen) if seen else "",
        downlink=downlink_sentence(owned, whole.message, downlinks),
        deliveries=[await _shown(request, owned, whole, index) for index in range(len(whole.logs))],
        newer=f"{owned.path}/m/{newer}" if newer else "",
        older=f"{owned.path}/m/{older}" if older else "",
        json=_json(whole),
    )


async def replay(request: web.Request, owned: Owned, fields: dict[str, str]) -> web.Response:
    """Send one delivery of a message again."""
    whole = await _find(request, owned)
    if whole is None:
        raise web.HTTPNotFound
    found = [log for log in whole.logs if str(log.delivery.id) == fields.get("delivery")]
    if not found:
        raise web.HTTPNotFound
    data, host = whole.message.data or "–", found[0].host
    deed = deed_of(request, owned.device.number, Action.REPLAYED, host=host, data=data)
    deliveries = Deliveries(request.app[STORE].driver)
    replayed = await deliveries.replay(found[0].delivery.id, owned.now_ms, deed)
    location = f"{owned.path}/m/{whole.message.id}"
    match replayed:
        case Replayed.DUE:
            return done(request, location, owned.say(phrase("The message is being sent again.")))
        case Replayed.UNDER_WAY | Replayed.UNKNOWN:
            sentence = phrase("The message is just being sent. Look again in a moment.")
            return done(request, location, owned.say(sentence), "warning")


async def _find(request: web.Request, owned: Owned) -> WholeMessage | None:
    message_id = int(request.match_info["message"])
    return await request.app[STORE].driver.transact(read_message(owned.device.number, message_id))


async def _gone(request: web.Request, owned: Owned) -> web.Response:
    kept = owned.show.days(kept_days(request))
    return await device_page(request, owned, Tab.MESSAGES, "devices/message_gone.html", 404, kept=kept)


async def _shown(request: web.Request, owned: Owned, whole: WholeMessage, index: int) -> ShownDelivery:
    log = whole.logs[index]
    endpoint = await request.app[STORE].find_endpoint(log.delivery.endpoint_id)
    return shown_delivery(owned, log, whole.known, endpoint)


async def _neighbours(request: web.Request, owned: Owned, message: Message) -> tuple[int | None, int | None]:
    messages, device = Messages(request.app[STORE].driver), owned.device.number
    newer = await messages.newer(device, MessageFilter(), message.place, 1)
    older = await messages.older(device, MessageFilter(), message.place, 1)
    return _id(newer.messages), _id(older.messages)


def _id(messages: list[Message]) -> int | None:
    return messages[0].id if messages else None


def _json(whole: WholeMessage) -> str:
    facts = whole.known.facts
    return classic_body(
        snr=facts.snr, device=facts.device, rssi=facts.rssi, time=facts.time, data=facts.data
    ).decode()
