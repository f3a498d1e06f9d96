"""The rules for what an endpoint may be set to; every fault is found at once."""

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass

from relay.domain.endpoint_options import (
    KINDS,
    MAX_NAME_CHARACTERS,
    ContentType,
    EndpointOptions,
    EndpointSettings,
    Format,
    Method,
)
from relay.domain.template import Language, TemplateFault, parse_template, parse_url_template
from relay.errors import TemplateRefused

MOST_HEADERS = 10
MAX_HEADER_NAME_CHARACTERS = 100
MAX_HEADER_VALUE_CHARACTERS = 1000

LANGUAGES = {
    ContentType.FORM: Language.FORM,
    ContentType.JSON: Language.JSON,
    ContentType.TEXT: Language.TEXT,
}

# RFC 9110, 5.6.2 and 5.5; aiohttp writes what is not ASCII as UTF-8, which few servers expect.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VISIBLE = re.compile(r"[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?|")
_RESERVED = frozenset(
    {"host", "content-length", "content-type", "content-encoding", "transfer-encoding", "user-agent"}
    | {"connection", "keep-alive", "te", "trailer", "upgrade", "http2-settings", "expect", "accept-encoding"}
)
_RESERVED_PREFIXES = ("webhook-", "proxy-")


class Part(enum.StrEnum):
    """Which setting a fault is in."""

    NAME = "name"
    KINDS = "kinds"
    URL = "url"
    METHOD = "method"
    CONTENT_TYPE = "content_type"
    BODY_TEMPLATE = "body_template"
    HEADERS = "headers"


class SettingFault(enum.StrEnum):
    """Why a setting is refused; `TemplateFault` holds the faults of templates."""

    NAME_TOO_LONG = "name_too_long"
    NAME_CHARACTERS = "name_characters"
    NO_KIND = "no_kind"
    UNKNOWN_KIND = "unknown_kind"
    TEMPLATE_ONLY = "template_only"  # it counts for the format template alone
    GET_HAS_NO_BODY = "get_has_no_body"
    TOO_MANY_HEADERS = "too_many_headers"
    HEADER_NAME = "header_name"
    HEADER_RESERVED = "header_reserved"
    HEADER_TWICE = "header_twice"
    HEADER_VALUE = "header_value"
    HEADER_WITHOUT_VALUE = "header_without_value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault; `column` (from 1) is where a template is wrong, `what` names what is wrong.

    `header` (from 1) is which of the headers is wrong.
    """

    part: Part
    fault: SettingFault | TemplateFault
    column: int | None = None
    what: str = ""
    header: int | None = None


def check_settings(settings: EndpointSettings, url: str) -> tuple[Fault, ...]:
    """All faults of settings for an endpoint with this URL; whether it may be called is another question."""
    return (
        *_name_faults(settings.name),
        *_kind_faults(settings.kinds),
        *check_options(settings.options, url),
    )


def check_options(options: EndpointOptions, url: str) -> tuple[Fault, ...]:
    """All faults of options."""
    if options.format is Format.TEMPLATE:
        return (*_url_faults(url), *_body_faults(options), *_header_faults(options))
    return (*_template_only(options), *_header_faults(options))


def _name_faults(name: str) -> Iterator[Fault]:
    if len(name) > MAX_NAME_CHARACTERS:
        yield Fault(part=Part.NAME, fault=SettingFault.NAME_TOO_LONG, what=str(MAX_NAME_CHARACTERS))
    if not name.isprintable():
        yield Fault(part=Part.NAME, fault=SettingFault.NAME_CHARACTERS)


def _kind_faults(kinds: tuple[str, ...]) -> Iterator[Fault]:
    if not kinds:
        yield Fault(part=Part.KINDS, fault=SettingFault.NO_KIND)
    for kind in kinds:
        if kind not in KINDS:
            yield Fault(part=Part.KINDS, fault=SettingFault.UNKNOWN_KIND, what=kind)


def _template_only(options: EndpointOptions) -> Iterator[Fault]:
    if options.method is not Method.POST:
        yield Fault(part=Part.METHOD, fault=SettingFault.TEMPLATE_ONLY)
    if options.content_type is not ContentType.JSON:
        yield Fault(part=Part.CONTENT_TYPE, fault=SettingFault.TEMPLATE_ONLY)
    if options.body_template:
        yield Fault(part=Part.BODY_TEMPLATE, fault=SettingFault.TEMPLATE_ONLY)


def _url_faults(url: str) -> Iterator[Fault]:
    try:
        parse_url_template(url)
    except TemplateRefused as refused:
        yield _of(refused, Part.URL)


def _body_faults(options: EndpointOptions) -> Iterator[Fault]:
    if not options.body_template:
        return
    if options.method is Method.GET:
        yield Fault(part=Part.BODY_TEMPLATE, fault=SettingFault.GET_HAS_NO_BODY)
    try:
        parse_template(options.body_template, LANGUAGES[options.content_type])
    except TemplateRefused as refused:
        yield _of(refused, Part.BODY_TEMPLATE)


def _of(refused: TemplateRefused, part: Part) -> Fault:
    return Fault(part=part, fault=TemplateFault(refused.fault), column=refused.column, what=refused.what)


def _header_faults(options: EndpointOptions) -> Iterator[Fault]:
    if len(options.headers) > MOST_HEADERS:
        yield Fault(part=Part.HEADERS, fault=SettingFault.TOO_MANY_HEADERS, what=str(MOST_HEADERS))
    seen: set[str] = set()
    for number, (name, value) in enumerate(options.headers, start=1):
        fault = _header_fault(name, value, seen)
        if fault is not None:
            yield Fault(part=Part.HEADERS, fault=fault, what=shown(name), header=number)
        seen.add(name.lower())


def _header_fault(name: str, value: str, seen: set[str]) -> SettingFault | None:
    if len(name) > MAX_HEADER_NAME_CHARACTERS or not _TOKEN.fullmatch(name):
        return SettingFault.HEADER_NAME
    if name.lower() in _RESERVED or name.lower().startswith(_RESERVED_PREFIXES):
        return SettingFault.HEADER_RESERVED
    if name.lower() in seen:
        return SettingFault.HEADER_TWICE
    if len(value) > MAX_HEADER_VALUE_CHARACTERS or not _VISIBLE.fullmatch(value):
        return SettingFault.HEADER_VALUE
    return None


def shown(name: str) -> str:
    """Fit for a sentence."""
    short = name[:40] + ("…" if len(name) > 40 else "")
    return "".join(character if character.isprintable() else "\ufffd" for character in short)
