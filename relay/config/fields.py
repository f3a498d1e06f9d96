"""Kinds of values that settings have: how each is read from text, checked, and written as text."""

from collections.abc import Callable
from email.utils import parseaddr
from ipaddress import IPv4Network, IPv6Network
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, SecretStr
from pydantic_core import PydanticCustomError

from relay.config.addresses import ListenAddress, parse_listen, parse_network, parse_public_url
from relay.config.database import DatabaseUrl, parse_database
from relay.config.durations import format_duration, parse_duration
from relay.config.quote import quote
from relay.config.secret_text import check_header_secret, check_key
from relay.domain.line_pattern import LinePattern
from relay.errors import GrammarError


def _from_text(parse: Callable[[str], object], *kinds: type) -> BeforeValidator:
    """Read text by `parse`; values that already are of one of the `kinds` pass."""

    def read(value: object) -> object:
        if isinstance(value, str):
            return parse(value)
        if isinstance(value, kinds):
            return value
        raise ValueError("should be one value, not a list or a group of keys")

    return BeforeValidator(read)


def within(least: str, most: str) -> AfterValidator:
    low, high = parse_duration(least), parse_duration(most)

    def check(seconds: float) -> float:
        if not low <= seconds <= high:
            raise ValueError(f"should be between {least} and {most}")
        return seconds

    return AfterValidator(check)


def _secret(check: Callable[[str], str]) -> AfterValidator:
    def checked(secret: SecretStr) -> SecretStr:
        check(secret.get_secret_value())
        return secret

    return AfterValidator(checked)


def one_or_more(value: object) -> object:
    return [value] if isinstance(value, str | SecretStr) else value


def before_sigfox_gives_up(seconds: float) -> float:
    if not 0 < seconds < 10:
        raise ValueError("should be more than 0s and less than 10s, when Sigfox gives up")
    return seconds


def _one_line(text: str) -> str:
    if not text.isprintable():
        raise ValueError("should be one line without control characters")
    return text


def _mail_address(text: str) -> str:
    local, _, domain = parseaddr(_one_line(text))[1].rpartition("@")
    if text and not (local and domain):
        raise ValueError(f"{quote(text)} is no e-mail address")
    return text


def _line_pattern(text: str) -> LinePattern:
    try:
        return LinePattern.parse(_one_line(text))
    except GrammarError as error:
        raise ValueError(f"is no line pattern: {error.what} (column {error.column})") from None


def _tile_url(text: str) -> str:
    if text and not (
        text.startswith(("http://", "https://")) and all(x in text for x in ("{z}", "{x}", "{y}"))
    ):
        raise ValueError("should be a web address with {z}, {x} and {y} in it, or empty")
    return _one_line(text)


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{quote(text)} is no time zone: write one such as Europe/Prague or UTC") from None
    return text


def one_at_least(values: tuple[object, ...]) -> tuple[object, ...]:
    """Pydantic's own `min_length` would complain of too few entries when one entry is wrong."""
    if not values:
        raise PydanticCustomError("too_short", "should have at least one entry")
    return values


def all_different(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise ValueError("should not name the same one twice")
    return values


_shown_as_text = PlainSerializer(str, return_type=str, when_used="json")

Seconds = Annotated[
    float,
    _from_text(parse_duration, int, float),
    PlainSerializer(format_duration, return_type=str, when_used="json"),
]
Network = Annotated[
    IPv4Network | IPv6Network, _from_text(parse_network, IPv4Network, IPv6Network), _shown_as_text
]
Listen = Annotated[ListenAddress, _from_text(parse_listen, ListenAddress), _shown_as_text]
Database = Annotated[DatabaseUrl, _from_text(parse_database, DatabaseUrl), _shown_as_text]
Line = Annotated[str, AfterValidator(_one_line)]
BatchPattern = Annotated[LinePattern, _from_text(_line_pattern, LinePattern), _shown_as_text]
Language = Literal["cs", "en"]
MailAddress = Annotated[str, AfterValidator(_mail_address)]
TileUrl = Annotated[str, AfterValidator(_tile_url)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
PublicUrl = Annotated[str, AfterValidator(parse_public_url)]
SecretKey = Annotated[SecretStr, _secret(check_key)]
SigfoxSecret = Annotated[SecretStr, _secret(check_header_secret)]
