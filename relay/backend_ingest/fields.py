"""From a request to the fields of its callback, whatever way Sigfox was set to send them."""

from collections.abc import Mapping
from typing import Self

from msgspec import Struct

from relay.backend_ingest.free_text import read_free_text
from relay.backend_ingest.names import merge
from relay.backend_ingest.percent import read_parameters
from relay.backend_ingest.strict_json import read_json
from relay.errors import CallbackError, UnsupportedBody

_FORM = "application/x-www-form-urlencoded"
_TEXT = "text/plain"
_UTF_8 = frozenset({"", "utf-8", "utf8"})
# What Java's HTTP clients name by default for forms and text; of such a body only ASCII is taken.
_ASCII = frozenset({"iso-8859-1", "us-ascii"})


def read_fields(method: str, query: str, content_type: str | None, body: bytes) -> dict[str, object]:
    """Read the fields of a callback, from the query first and then from the body.

    `query` is percent-encoded as in the request line; `content_type` is the header's value. An empty body is
    none, whatever its type says: Sigfox sends `application/json` with nothing in it. The body of a GET means
    nothing (RFC 9110 9.3.1) and is not read. Names are those of Sigfox's documents (see `names.merge`).

    Raises:
        UnsupportedBody: The body's media type or character set is not one that Sigfox can be set to.
        CallbackError: The query or the body is malformed, or contradicts itself or the other.
    """
    pairs: list[tuple[str, object]] = [*read_parameters(query)]
    if body.strip() and method.upper() != "GET":
        pairs += _read_body(_MediaType.parse(content_type or ""), body)
    return merge(pairs)


class _MediaType(Struct, frozen=True, kw_only=True):
    name: str
    charset: str

    @classmethod
    def parse(cls, header: str) -> Self:
        name, *parameters = (part.strip() for part in header.split(";"))
        pairs = (parameter.partition("=") for parameter in parameters)
        charsets = [value.strip(' "') for key, _, value in pairs if key.strip().lower() == "charset"]
        return cls(name=name.lower(), charset=charsets[0].lower() if charsets else "")

    @property
    def is_json(self) -> bool:
        return self.name == "application/json" or self.name.endswith("+json")


def _read_body(media: _MediaType, body: bytes) -> list[tuple[str, object]]:
    if media.is_json:
        return _object(_decode(body, media, _UTF_8))
    if media.name not in {"", _FORM, _TEXT}:
        raise UnsupportedBody("the body must be JSON, a form or plain text")
    text = _decode(body, media, _UTF_8 | _ASCII)
    if text.lstrip().startswith("{"):  # also where the content type was left at the form's, Sigfox's default
        return _object(text)
    return [*(read_free_text(text) if media.name == _TEXT else read_parameters(text.strip()))]


def _decode(body: bytes, media: _MediaType, charsets: frozenset[str]) -> str:
    if media.charset not in charsets:
        raise UnsupportedBody("the body must be UTF-8")
    try:
        text = body.decode("ascii" if media.charset in _ASCII else "utf-8")
    except UnicodeError as error:
        raise CallbackError("the body is not in its character set") from error
    if "\0" in text:
        raise CallbackError("the body holds U+0000")
    return text


def _object(text: str) -> list[tuple[str, object]]:
    value = read_json(text)
    if not isinstance(value, Mapping):
        raise CallbackError("JSON: not an object")
    return [*value.items()]
