"""What a webhook would get for the last message, before anything is saved."""

import json
from dataclasses import dataclass

from aiohttp import web

from relay.decoder.facts import with_readings
from relay.device_pages.owned import Owned
from relay.domain.delivery import Note
from relay.domain.endpoint_options import EndpointOptions, Format
from relay.domain.facts import Facts
from relay.domain.rendering import Rendered, preview, reads_payload
from relay.domain.sample import SAMPLE_DATA, SAMPLE_RSSI, SAMPLE_SNR
from relay.domain.target import TargetPolicy, parse_target
from relay.errors import TargetRefused, TemplateRefused
from relay.store.facts import KnownMessage, known_of_uplink
from relay.store.message_filter import NEWEST, MessageFilter
from relay.store.messages import Messages
from relay.web.keys import STORE, TARGET_POLICY
from relay.web.option_faults import note_sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookPreview:
    """A request to show; `note` says why it would be sent otherwise, `is_sample` that no device sent it."""

    head: str
    body: str
    note: str
    is_sample: bool


async def preview_webhook(
    request: web.Request, owned: Owned, options: EndpointOptions, url: str
) -> WebhookPreview | None:
    """What the last message would look like, or a sample; None when the options are wrong."""
    known, is_sample = await _last_message(request, owned)
    facts = with_readings(known.facts, known.settings)
    note = Note.DECODER_FAILED if facts is None and reads_payload(options, url) else None
    try:
        rendered = preview(options, url, facts or known.facts)
    except (TemplateRefused, ValueError):
        return None
    note = note or _url_note(options, rendered, request.app[TARGET_POLICY])
    return WebhookPreview(
        head=_head(rendered),
        body=_readable(rendered),
        note=note_sentence(owned.show.words, note or ""),
        is_sample=is_sample,
    )


async def _last_message(request: web.Request, owned: Owned) -> tuple[KnownMessage, bool]:
    store = request.app[STORE]
    page = await Messages(store.driver).older(owned.device.number, MessageFilter(), NEWEST, 1)
    known = await store.driver.transact(known_of_uplink(page.messages[0].id)) if page.messages else None
    if known is not None:
        return known, False
    return await store.known_of_sample(sample_facts(owned), owned.device.number), True


def sample_facts(owned: Owned) -> Facts:
    """A message such as the device might send now."""
    return Facts(
        device=owned.device.label,
        time=owned.now_ms // 1000,
        received_at_ms=owned.now_ms,
        data=SAMPLE_DATA,
        snr=SAMPLE_SNR,
        rssi=SAMPLE_RSSI,
    )


def _url_note(options: EndpointOptions, rendered: Rendered, policy: TargetPolicy) -> Note | None:
    if options.format is not Format.TEMPLATE:
        return None
    try:
        parse_target(rendered.url, policy)
    except TargetRefused:
        return Note.URL_REFUSED
    return None


def _head(rendered: Rendered) -> str:
    headers = dict(rendered.headers)
    if rendered.content_type:
        headers["Content-Type"] = rendered.content_type
    lines = [f"{rendered.method} {rendered.url}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\n".join(lines)


def _readable(rendered: Rendered) -> str:
    """Our own JSON is indented to be read; a template stays as it was written."""
    text = rendered.body.decode(errors="replace")
    if not rendered.is_ours:
        return text
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
