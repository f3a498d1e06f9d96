"""The callbacks as an operator types them at Sigfox, for one relay: what the command line, the pages and the
documents show.

The quotes around numbers are on purpose: a variable without a value then still leaves valid JSON.
`duplicates` and `computedLocation` are objects, which take none. Sources: support.sigfox.com/docs (uplink,
bidir, data-advanced, acknowledge, repeater, error-callbacks, event-type), and the OpenAPI of Sigfox's API v2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from relay.domain.uplink import Kind

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
HIDDEN_SECRET = "********"  # noqa: S105 - what is shown in place of one
USUAL_PARAMETER = "batch"
_OBJECTS = frozenset({"duplicates", "computedLocation"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Service:
    """One type of callback: its names at Sigfox, its codes in Sigfox's API, and its variables."""

    kind: Kind
    type: str
    subtype: str
    codes: tuple[int, int | None] | None
    variables: Sequence[str] = ()


_SERVICES = (
    _Service(
        kind=Kind.DATA,
        type="DATA",
        subtype="UPLINK",
        codes=(0, 2),
        variables=("device", "time", "data", "seqNumber", "rssi", "snr", "station"),
    ),
    _Service(
        kind=Kind.DATA,
        type="DATA",
        subtype="BIDIR",
        codes=(0, 3),
        variables=("device", "time", "data", "seqNumber", "rssi", "station", "ack", "longPolling"),
    ),
    _Service(
        kind=Kind.DATA_ADVANCED,
        type="SERVICE",
        subtype="DATA_ADVANCED",
        codes=(1, 6),
        variables=(
            *("device", "time", "data", "seqNumber", "deviceTypeId", "lqi", "linkQuality", "operatorName"),
            *("countryCode", "fixedLat", "fixedLng", "duplicates", "computedLocation"),
        ),
    ),
    _Service(
        kind=Kind.ACKNOWLEDGE,
        type="SERVICE",
        subtype="ACKNOWLEDGE",
        codes=(1, 4),
        variables=("device", "time", "infoCode", "infoMessage", "downlinkAck", "downlinkOverusage"),
    ),
    _Service(
        kind=Kind.STATUS,
        type="SERVICE",
        subtype="STATUS",
        codes=(1, 0),
        variables=("device", "time", "temp", "batt", "seqNumber"),
    ),
    _Service(
        kind=Kind.GEOLOC,
        type="SERVICE",
        subtype="GEOLOC",
        codes=(1, 1),
        variables=("device", "time", "lat", "lng", "radius", "geolocSource", "seqNumber"),
    ),
    _Service(
        kind=Kind.REPEATER,
        type="SERVICE",
        subtype="REPEATER",
        codes=(1, 5),
        variables=(
            *("device", "time", "batt", "whitelistDevices", "repeatedMsg", "unwantedDevices"),
            *("unwantedMsg", "wrongMsg", "overRegulMsg"),
        ),
    ),
    _Service(
        kind=Kind.ERROR,
        type="ERROR",
        subtype="",
        codes=(2, None),
        variables=("device", "time", "info", "severity"),
    ),
    _Service(
        kind=Kind.EVENT,
        type="EVENT",
        subtype="",
        codes=None,
        variables=(
            *("time", "severity", "sourceId", "sourceType", "eventType", "deviceTypeId", "groupId"),
            *("deviceMessageTime", "deviceLastSeqnumber", "deviceExpectedSeqnumber"),
            *("deviceMessageSeqnumber",),
        ),
    ),
    _Service(kind=Kind.BATCH, type="DATA", subtype="UPLINK", codes=(0, 2)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackForm:
    """The fields of Sigfox's form for one callback; a batch has a `line_pattern` in place of a body."""

    kind: Kind
    type: str
    subtype: str
    channel: str
    url: str
    method: str
    headers: Mapping[str, str]
    content_type: str
    body: str = ""
    line_pattern: str = ""
    codes: tuple[int, int | None] | None = None

    def api_body(self) -> dict[str, object] | None:
        """What makes this callback by Sigfox's API v2 (`createUrlCallback`); None for an event, which is not
        made at a device type."""
        if self.codes is None:
            return None
        type_code, subtype_code = self.codes
        subtype = {} if subtype_code is None else {"callbackSubtype": subtype_code}
        template = {"linePattern": self.line_pattern} if self.line_pattern else {"bodyTemplate": self.body}
        return {
            "channel": self.channel,
            "callbackType": type_code,
            **subtype,
            "enabled": True,
            "url": self.url,
            "httpMethod": self.method,
            "headers": dict(self.headers),
            "sendSni": True,
            "contentType": self.content_type,
            **template,
        }


def callback_forms(
    public_url: str, secret: str, batch_pattern: str, batch_parameter: str = ""
) -> tuple[CallbackForm, ...]:
    """The forms of all kinds for a relay that is reached at `public_url` and knows Sigfox by `secret`."""
    base = f"{public_url.rstrip('/')}/sigfox"
    headers = {"Authorization": f"Bearer {secret}"}
    parameter = quote(batch_parameter or USUAL_PARAMETER, safe="")
    return tuple(_form(service, base, headers, batch_pattern, parameter) for service in _SERVICES)


def _form(
    service: _Service, base: str, headers: Mapping[str, str], batch_pattern: str, parameter: str
) -> CallbackForm:
    is_batch = service.kind is Kind.BATCH
    query = f"?{parameter}={{batch}}" if is_batch else ""
    return CallbackForm(
        kind=service.kind,
        type=service.type,
        subtype=service.subtype,
        channel="BATCH_URL" if is_batch else "URL",
        url=f"{base}/{service.kind}{query}",
        method="POST",
        headers=headers,
        content_type=FORM if is_batch else JSON,
        body="" if is_batch else _body(service.variables),
        line_pattern=batch_pattern if is_batch else "",
        codes=service.codes,
    )


def _body(variables: Sequence[str]) -> str:
    lines = (f'  "{name}": {_placeholder(name)}' for name in variables)
    return "{\n" + ",\n".join(lines) + "\n}"


def _placeholder(name: str) -> str:
    return f"{{{name}}}" if name in _OBJECTS else f'"{{{name}}}"'
