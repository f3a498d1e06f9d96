"""The one page of the help."""

from collections.abc import Mapping

from aiohttp import web

from relay.config import Config
from relay.decoder.grammar import MAX_FIELDS, MAX_TEXT_LENGTH
from relay.domain.checked_options import MOST_HEADERS
from relay.domain.delivery import MAX_ANSWER_CHARACTERS
from relay.domain.device_type import DOWNLINKS_A_DAY
from relay.domain.downlink_chain import DownlinkMode
from relay.domain.endpoint_options import KINDS, MOST_ENDPOINTS
from relay.domain.health import DEFAULT_POLICY
from relay.domain.target import MAX_URL_CHARACTERS
from relay.domain.template import MAX_TEMPLATE_CHARACTERS
from relay.domain.uplink import MAX_PAYLOAD_BYTES
from relay.domain.variables import CUSTOM_DATA
from relay.domain.verdict import JITTER, SLOW_DOWN_SECONDS
from relay.domain.webhook import USER_AGENT
from relay.help import decoding, requests
from relay.help.keeping import DAY_SECONDS, kept_seconds
from relay.help.schedule import in_hours, planned_tries
from relay.store.bins import MOST_REQUESTS
from relay.store.downlinks import MOST_PENDING
from relay.web.catalogue import phrase
from relay.web.keys import CONFIG, NOW, PUBLIC_KEYS
from relay.web.pages import render
from relay.web.well_known import PATH, addresses_of

_MODES: Mapping[DownlinkMode, str] = {
    DownlinkMode.ASK: phrase("your server is asked while the device waits"),
    DownlinkMode.QUEUE: phrase("what was put into the queue of the device, the oldest first"),
    DownlinkMode.DIRECT: phrase("a template with variables, such as {time}0000{rssi}"),
    DownlinkMode.NONE: phrase("nothing is answered"),
}


async def show_help(request: web.Request) -> web.Response:
    """What this relay does, by the settings with which it runs."""
    config, now = request.app[CONFIG], int(request.app[NOW]())
    return render(
        request,
        "help/page.html",
        200,
        public_keys=request.app[PUBLIC_KEYS],
        facts_path=PATH,
        device=requests.DEVICE,
        sample=requests.sample_requests(now),
        template_url=requests.TEMPLATE_URL,
        template_body=requests.TEMPLATE_BODY,
        variables=requests.DESCRIBED,
        other_variables=[*requests.other_variables(), f"{CUSTOM_DATA}…"],
        kinds=KINDS,
        in_hours=in_hours,
        **_sending(config),
        **_limits(config),
        **_downlinks(config),
        **_reading(),
    )


def _sending(config: Config) -> dict[str, object]:
    forwarder = config.forwarder
    return {
        "timeout": in_hours(forwarder.timeout),
        "tries": list(planned_tries(forwarder.schedule)),
        "jitter_percent": round(JITTER * 100),
        "slow_down": in_hours(SLOW_DOWN_SECONDS),
        "close_after": DEFAULT_POLICY.close_after_failures,
        "suspend_after": forwarder.suspend_after,
        "probes": ", ".join(map(in_hours, DEFAULT_POLICY.suspended_probe_seconds)),
        "allow_http": forwarder.allow_http,
        "addresses": addresses_of(config),
        "user_agent": USER_AGENT,
    }


def _limits(config: Config) -> dict[str, object]:
    return {
        "per_endpoint": config.forwarder.per_endpoint,
        "per_address": config.forwarder.per_address,
        "most_endpoints": MOST_ENDPOINTS,
        "most_headers": MOST_HEADERS,
        "max_url": MAX_URL_CHARACTERS,
        "max_template": MAX_TEMPLATE_CHARACTERS,
        "max_answer": MAX_ANSWER_CHARACTERS,
        "max_payload": MAX_PAYLOAD_BYTES,
        "max_grammar": MAX_TEXT_LENGTH,
        "max_fields": MAX_FIELDS,
        "kept": kept_seconds(config.retention),
        "day_seconds": DAY_SECONDS,
    }


def _downlinks(config: Config) -> dict[str, object]:
    return {
        "modes": _MODES,
        "ask_within": in_hours(config.sigfox.ask_within),
        "downlinks_a_day": DOWNLINKS_A_DAY,
        "most_pending": MOST_PENDING,
        "most_caught": MOST_REQUESTS,
    }


def _reading() -> dict[str, object]:
    return {
        "types": decoding.TYPES,
        "options": decoding.options(),
        "examples": list(decoding.examples()),
        "presets": list(decoding.presets()),
    }
