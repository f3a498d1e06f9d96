"""How an endpoint wants its messages."""

import enum
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace


class Format(enum.StrEnum):
    """What a request looks like."""

    CLASSIC = "classic"  # the five fields of the old service
    FULL = "full"  # the five and all else that is known
    TEMPLATE = "template"  # as the owner wrote it, in the way of Sigfox's own callbacks


class Method(enum.StrEnum):
    """Of a template."""

    GET = "GET"
    POST = "POST"
    PUT = "PUT"


class ContentType(enum.StrEnum):
    """Of a template's body."""

    FORM = "form"
    JSON = "json"
    TEXT = "text"

    @property
    def header(self) -> str:
        """The value of the header."""
        return _CONTENT_TYPES[self]


_CONTENT_TYPES = {
    ContentType.FORM: "application/x-www-form-urlencoded",
    ContentType.JSON: "application/json",
    ContentType.TEXT: "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointOptions:
    """The format and what belongs to it.

    `method`, `content_type` and `body_template` count for a template only, whose URL is the endpoint's.
    `headers` are sent with each request, in any format; their values may be secrets.
    """

    format: Format = Format.CLASSIC
    method: Method = Method.POST
    content_type: ContentType = ContentType.JSON
    body_template: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    def at_another_host(self, earlier: "EndpointOptions") -> "EndpointOptions":
        """Without the headers of `earlier`: they may hold secrets of the host that they were meant for."""
        known = {(name.lower(), value) for name, value in earlier.headers}
        return replace(
            self, headers=tuple(each for each in self.headers if (each[0].lower(), each[1]) not in known)
        )

    def left_of(self, earlier: "EndpointOptions") -> list[str]:
        """The names of earlier headers that are not sent any more."""
        present = {name.lower() for name, _ in self.headers}
        return [name for name, _ in earlier.headers if name.lower() not in present]

    def to_json(self) -> str:
        """As it is stored."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "EndpointOptions":
        """What `to_json` wrote.

        Raises:
            ValueError: Something else wrote it.
        """
        stored = json.loads(text)
        return cls(
            format=Format(stored["format"]),
            method=Method(stored["method"]),
            content_type=ContentType(stored["content_type"]),
            body_template=stored["body_template"],
            headers=tuple((name, value) for name, value in stored["headers"]),
        )


PLAIN = EndpointOptions()
"""The classic five fields and nothing besides: an endpoint without options of its own."""

MOST_ENDPOINTS = 5
"""Of one device."""
MAX_NAME_CHARACTERS = 60

KINDS = (
    "data", "status", "geoloc", "acknowledge", "repeater", "error", "event",
    "silent", "back", "sequence", "battery",  # what the relay itself notices
)  # fmt: skip
"""What an endpoint may ask for: messages, and notices of all kinds."""
DATA_ONLY = ("data",)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSettings:
    """An endpoint as its owner arranges it.

    `awaits_radio` holds a message back until its DATA_ADVANCED callback came, or its time is over.
    """

    name: str = ""
    kinds: tuple[str, ...] = DATA_ONLY
    awaits_radio: bool = False
    options: EndpointOptions = PLAIN


def kinds_text(kinds: tuple[str, ...]) -> str:
    """As they are stored: in one order, with commas between."""
    return ",".join(kind for kind in KINDS if kind in kinds)


def read_kinds(text: str) -> tuple[str, ...]:
    """What `kinds_text` wrote."""
    return tuple(kind for kind in text.split(",") if kind)


def masked(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers to show: their values may be secrets."""
    return dict.fromkeys(headers, MASK)


MASK = "••••••"
