"""The page of a device's downlinks: where they come from, what waits, and what became of those before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from relay.device_pages.frame import Tab, device_page
from relay.device_pages.owned import Owned
from relay.domain.device import Device
from relay.domain.device_settings import DeviceSettings, effective
from relay.domain.device_type import DEFAULT_TYPE, DeviceType
from relay.domain.downlink import parse_template
from relay.domain.downlink_chain import DownlinkMode, parse_chain
from relay.domain.sample import SAMPLE_RSSI
from relay.errors import GrammarError
from relay.store.device_types import DeviceTypes
from relay.store.downlinks import LAST_ID, Downlink, DownlinkPage, Downlinks
from relay.store.message_filter import NEWEST, MessageFilter
from relay.store.messages import Messages
from relay.web.catalogue import phrase
from relay.web.downlink_sentences import code_sentence, state_sentence
from relay.web.keys import STORE
from relay.web.query import address, read_id

INHERITED = ""
MODES: Mapping[str, str] = {
    DownlinkMode.DIRECT: phrase("Template"),
    DownlinkMode.QUEUE: phrase("Queue"),
    DownlinkMode.ASK: phrase("Ask my server"),
}
MOST_TRIES = 5
EXPIRIES_DAYS = (0, 1, 7, 30)
"""0 never expires."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownlinkForms:
    """What is typed into the forms of the page; `chain` has one word for each of its drop-downs."""

    chain: tuple[str, str, str]
    template: str
    data: str = ""
    label: str = ""
    expires_days: int = 0
    tries: str = "1"
    errors: Mapping[str, str] = field(default_factory=dict)


async def show_downlink(request: web.Request, owned: Owned) -> web.Response:
    """The page as things are set."""
    return await downlink_page(request, owned, forms_of(owned.device))


async def show_empty(request: web.Request, owned: Owned) -> web.Response:
    """Ask before the queue is emptied."""
    page = await Downlinks(request.app[STORE].driver).list(owned.device.number, limit=1)
    return await device_page(
        request, owned, Tab.DOWNLINK, "devices/downlink_empty.html", count=len(page.pending)
    )


def forms_of(device: Device) -> DownlinkForms:
    """The forms as the device is set."""
    words = device.downlink_chain.split(",") if device.downlink_chain else [INHERITED]
    first, second, third, *_ = [*words, "", "", ""]
    return DownlinkForms(chain=(first, second, third), template=device.downlink_template)


async def downlink_page(
    request: web.Request, owned: Owned, forms: DownlinkForms, status: int = 200
) -> web.Response:
    """The page with what was typed."""
    driver, device_type = request.app[STORE].driver, await type_of(request, owned.device)
    before = read_id(request.query.get("before", ""))
    downlinks = Downlinks(driver)
    page = await downlinks.list(owned.device.number, before=before or LAST_ID)
    settings = effective(owned.device, device_type)
    return await device_page(
        request,
        owned,
        Tab.DOWNLINK,
        "devices/downlink.html",
        status,
        here=f"{owned.path}/{Tab.DOWNLINK}",
        forms=forms,
        errors=forms.errors,
        modes={mode: owned.say(title) for mode, title in MODES.items()},
        type_says=_chain_words(owned, device_type.downlink_chain),
        type_template=device_type.downlink_template,
        holds=_chain_words(owned, settings.downlink_chain),
        preview=await _preview(request, owned, settings, forms),
        queue=(await downlinks.list(owned.device.number, limit=1)).pending if before else page.pending,
        is_queue_used=DownlinkMode.QUEUE in parse_chain(settings.downlink_chain),
        history=[(one, sentence_of(owned, one)) for one in page.past],
        newest=f"{request.path}#history" if before else "",
        older=_older(request, page),
        sent_today=await downlinks.sent_today(owned.device.number, owned.now_ms),
        most_a_day=settings.downlinks_a_day,
        most_tries=MOST_TRIES,
        expiries=_expiries(owned),
    )


async def type_of(request: web.Request, device: Device) -> DeviceType:
    """What decides where the device itself does not."""
    return await DeviceTypes(request.app[STORE].driver).read(device.type_id) or DEFAULT_TYPE


def sentence_of(owned: Owned, downlink: Downlink) -> str:
    """What became of one."""
    words = owned.show.words
    if downlink.info_code in (None, 0):
        return state_sentence(words, downlink.state)
    return code_sentence(words, downlink.info_code or 0)


def _chain_words(owned: Owned, chain: str) -> str:
    named = [owned.say(MODES[mode]) for mode in parse_chain(chain)]
    return " → ".join(named) if named else owned.say(phrase("Off"))


async def _preview(request: web.Request, owned: Owned, settings: DeviceSettings, forms: DownlinkForms) -> str:
    """What the template would make of the last message, or of one that came now; empty when it is none."""
    template = forms.template or settings.downlink_template
    if not template or "downlink_template" in forms.errors:
        return ""
    found = await Messages(request.app[STORE].driver).older(owned.device.number, MessageFilter(), NEWEST, 1)
    try:
        parsed = parse_template(template)
    except GrammarError:
        return ""
    if not found.messages:
        return parsed.render(owned.now_ms // 1000, SAMPLE_RSSI, None)
    last = found.messages[0]
    return parsed.render(last.time, last.rssi, last.station)


def _older(request: web.Request, page: DownlinkPage) -> str:
    return address(request.path, {"before": page.next_before}) + "#history" if page.next_before else ""


def _expiries(owned: Owned) -> Sequence[tuple[str, str]]:
    return [
        (str(days), owned.show.days(days) if days else owned.say(phrase("never"))) for days in EXPIRIES_DAYS
    ]
