"""What an owner typed about a webhook, read and judged."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from aiohttp import web

from relay.device_pages.owned import Owned
from relay.domain.checked_options import MOST_HEADERS, Fault, Part, SettingFault
from relay.domain.endpoint_options import KINDS, ContentType, EndpointSettings, Format, Method
from relay.domain.target import TargetPolicy
from relay.store.arranging import Arranged
from relay.web.endpoint_changes import SettingsRefused, changed_settings
from relay.web.option_faults import fault_sentence
from relay.web.webhook_url import PASTED, url_fault, url_fault_sentence, without_credentials

_OF_VALUE = (SettingFault.HEADER_VALUE, SettingFault.HEADER_WITHOUT_VALUE)

_ORDER = (
    "url",
    *(Part.NAME, Part.METHOD, Part.CONTENT_TYPE, Part.BODY_TEMPLATE),
    *(f"{half}-{number}" for number in range(1, MOST_HEADERS + 1) for half in ("header", "value")),
    *(Part.HEADERS, Part.KINDS),
)
"""The fields as they follow on the page."""

Header = tuple[str, str]
"""A name and what was typed as its value; an empty value keeps the one that is stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookForm:
    """The form as it is shown; `url_wanted` is the URL as typed, `url` the same without credentials."""

    url: str
    url_wanted: str
    name: str
    format: str
    method: str
    content_type: str
    body_template: str
    headers: tuple[Header, ...]
    kinds: frozenset[str]
    awaits_radio: bool
    ordered: bool
    errors: Mapping[str, str] = field(default_factory=dict)


def form_of(found: Arranged, ordered: bool) -> WebhookForm:
    """The form as a webhook is set now."""
    settings, options = found.settings, found.settings.options
    return WebhookForm(
        url=found.endpoint.url,
        url_wanted=found.endpoint.url,
        name=settings.name,
        format=options.format,
        method=options.method,
        content_type=options.content_type,
        body_template=options.body_template,
        headers=tuple((name, "") for name, _ in options.headers),
        kinds=frozenset(settings.kinds),
        awaits_radio=settings.awaits_radio,
        ordered=ordered,
    )


def read_webhook_form(fields: Mapping[str, str]) -> WebhookForm:
    """Read what was typed.

    Raises:
        web.HTTPBadRequest: No form of ours sends this.
    """
    url = fields.get("url", "").strip(PASTED)
    return WebhookForm(
        url=without_credentials(url),
        url_wanted=url,
        name=fields.get("name", "").strip(),
        format=_one_of(Format, fields.get("format", Format.CLASSIC)),
        method=_one_of(Method, fields.get("method", Method.POST)),
        content_type=_one_of(ContentType, fields.get("content_type", ContentType.JSON)),
        body_template=fields.get("body_template", "").replace("\r\n", "\n").strip("\n"),
        headers=tuple(_headers(fields)),
        kinds=frozenset(kind for kind in KINDS if f"kind-{kind}" in fields),
        awaits_radio="awaits_radio" in fields,
        ordered="ordered" in fields,
    )


def judged(
    form: WebhookForm, before: EndpointSettings, owned: Owned, policy: TargetPolicy
) -> tuple[WebhookForm, EndpointSettings]:
    """The form with its errors, and the settings that it makes; they count only if there are none."""
    errors, after = _url_errors(form, owned, policy), before
    try:
        after = changed_settings(before, _given(form), form.url_wanted)
    except SettingsRefused as refused:
        for fault in reversed(refused.faults):  # of several faults of a field the first is told
            errors[_field(fault)] = fault_sentence(owned.show.words, fault)
    return replace(form, errors={name: errors[name] for name in _ORDER if name in errors}), after


def _one_of(kind: type[StrEnum], text: str) -> str:
    try:
        return kind(text)
    except ValueError:
        raise web.HTTPBadRequest from None


def _headers(fields: Mapping[str, str]) -> Iterator[Header]:
    for number in range(1, MOST_HEADERS + 1):
        name, value = (
            fields.get(f"header-{number}", "").strip(),
            fields.get(f"value-{number}", "").strip(" \t"),
        )
        if name or value:
            yield name, value


def _given(form: WebhookForm) -> dict[str, object]:
    given: dict[str, object] = {
        "name": form.name,
        "kinds": [kind for kind in KINDS if kind in form.kinds],
        "awaits_radio": form.awaits_radio,
        "format": form.format,
        "headers": [(name, value or None) for name, value in form.headers],
    }
    if form.format == Format.TEMPLATE:
        given |= {
            "method": form.method,
            "content_type": form.content_type,
            "body_template": form.body_template,
        }
    return given


def _url_errors(form: WebhookForm, owned: Owned, policy: TargetPolicy) -> dict[str, str]:
    fault = url_fault(form.url_wanted, policy)
    return {"url": url_fault_sentence(owned.show.words, fault, form.url_wanted)} if fault else {}


def _field(fault: Fault) -> str:
    """The field's name, which is its id as well."""
    if fault.header is None:
        return str(fault.part)
    return f"{'value' if fault.fault in _OF_VALUE else 'header'}-{fault.header}"
