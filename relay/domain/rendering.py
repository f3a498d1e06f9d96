"""The request that an endpoint's options make of a message."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from relay.domain.checked_options import LANGUAGES
from relay.domain.endpoint_options import ContentType, EndpointOptions, Format, Method, masked
from relay.domain.facts import Facts
from relay.domain.template import parse_template, parse_url_template
from relay.domain.uplink import Kind
from relay.domain.variables import CUSTOM_DATA, value_of
from relay.domain.webhook import JSON_TYPE, classic_body, full_body, notice_body


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A request before it is signed; `content_type` is None when there is no body.

    `is_ours` says that its body is one of the relay's own, and not its owner's template.
    """

    method: Method = Method.POST
    url: str
    content_type: str | None = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes
    is_ours: bool = True


def render(options: EndpointOptions, url: str, facts: Facts) -> Rendered:
    """What is sent for a message, or for a notice.

    Raises:
        TemplateRefused: A template is none.
        ValueError: JSON cannot say a value.
    """
    headers = dict(options.headers)
    match options.format:
        case Format.CLASSIC:
            return Rendered(url=url, headers=headers, body=plain_body(facts))
        case Format.FULL:
            body = full_body(facts) if facts.kind is Kind.DATA else notice_body(facts)
            return Rendered(url=url, headers=headers, body=body)
        case Format.TEMPLATE:
            return _from_template(options, url, facts)
        case _:
            assert_never(options.format)


def plain_body(facts: Facts) -> bytes:
    """What goes where no other format is wished, or where that one fails."""
    if facts.kind is not Kind.DATA:
        return notice_body(facts)
    return classic_body(snr=facts.snr, device=facts.device, rssi=facts.rssi, time=facts.time, data=facts.data)


def preview(options: EndpointOptions, url: str, facts: Facts) -> Rendered:
    """What a message would look like, for a page: the values of headers are masked.

    Raises:
        TemplateRefused: A template is none.
    """
    rendered = render(options, url, facts)
    return Rendered(
        method=rendered.method,
        url=rendered.url,
        content_type=rendered.content_type,
        headers=masked(rendered.headers),
        body=rendered.body,
        is_ours=rendered.is_ours,
    )


def reads_payload(options: EndpointOptions, url: str) -> bool:
    """Whether the payload has to be decoded for it."""
    match options.format:
        case Format.CLASSIC:
            return False
        case Format.FULL:
            return True
        case Format.TEMPLATE:
            return CUSTOM_DATA in url or CUSTOM_DATA in options.body_template
        case _:
            assert_never(options.format)


def _from_template(options: EndpointOptions, url: str, facts: Facts) -> Rendered:
    def value(name: str) -> object:
        return value_of(name, facts)

    filled_url = parse_url_template(url).render(value)
    has_body = options.method is not Method.GET
    body = ""
    if has_body and options.body_template:
        body = parse_template(options.body_template, LANGUAGES[options.content_type]).render(value)
    elif has_body and options.content_type is ContentType.FORM:
        body = _query(filled_url)
    return Rendered(
        method=options.method,
        url=filled_url,
        content_type=options.content_type.header if has_body else None,
        headers=dict(options.headers),
        body=body.encode(),
        is_ours=False,
    )


def _query(url: str) -> str:
    """Sigfox puts the URL's parameters into the body of a form too."""
    return url.partition("#")[0].partition("?")[2]
