"""Templates of URLs and bodies: text in which `{device}`, `{time}` and the like stand for a message's values.

Nothing but plain substitution happens. Each value is escaped for the place where it stands, so that no value
can change what is around it.
"""

import enum
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NoReturn, assert_never
from urllib.parse import quote

from relay.domain.variables import is_variable
from relay.errors import TemplateRefused

MAX_TEMPLATE_CHARACTERS = 8192


class Language(enum.StrEnum):
    """What a template is written in, and with it how values are escaped."""

    URL = "url"
    FORM = "form"
    JSON = "json"
    TEXT = "text"


class TemplateFault(enum.StrEnum):
    """Why a template is refused."""

    TOO_LONG = "too_long"
    CHARACTERS = "characters"  # NUL, or half a surrogate pair
    UNKNOWN_VARIABLE = "unknown_variable"
    BRACE = "brace"  # one that neither begins nor ends a variable, nor has a partner
    HOST = "host"  # a variable before the path
    NOT_JSON = "not_json"


class Escape(enum.Enum):
    """How a value is written into its place."""

    PERCENT = enum.auto()
    JSON_STRING = enum.auto()  # between quotation marks of the template
    JSON_VALUE = enum.auto()  # where a JSON value stands
    NONE = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A variable at its place; `column` counts from 1."""

    name: str
    escape: Escape
    column: int

    @property
    def written(self) -> str:
        """As it stands in the template."""
        return f"{{{self.name}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template that was understood."""

    pieces: tuple[str | Slot, ...]

    def render(self, value_of: Callable[[str], object]) -> str:
        """The text with each variable's value.

        Raises:
            ValueError: JSON cannot say a value.
        """
        return "".join(
            piece if isinstance(piece, str) else escaped(value_of(piece.name), piece.escape)
            for piece in self.pieces
        )

    @property
    def names(self) -> frozenset[str]:
        """The variables in it."""
        return frozenset(piece.name for piece in self.pieces if isinstance(piece, Slot))


def parse_template(text: str, language: Language) -> Template:
    """Read a template.

    Braces that are no variables may stand in text and in JSON's strings in pairs; in a URL or a form they are
    written `%7B` and `%7D`.

    Raises:
        TemplateRefused: It cannot be filled in; the column is that of the first fault.
    """
    _check_characters(text)
    pieces = tuple(_pieces(text, language))
    template = Template(pieces=pieces)
    if language is Language.JSON:
        _check_json(template)
    return template


def parse_url_template(text: str) -> Template:
    """Read a URL in which variables may stand in the path and the query.

    Raises:
        TemplateRefused: As `parse_template`, or scheme or host are not literal.
    """
    template = parse_template(text, Language.URL)
    authority = re.match(r"[^/?#]*(?://[^/?#]*)?", text)
    literal = authority.end() if authority else 0
    for piece in template.pieces:
        if isinstance(piece, Slot) and piece.column <= literal:
            _refuse(TemplateFault.HOST, piece.column, piece.written)
    return template


def escaped(value: object, escape: Escape) -> str:
    """A value as text for its place; what is not known is empty, or `null` where JSON wants a value.

    Raises:
        ValueError: JSON cannot say it.
    """
    match escape:
        case Escape.NONE:
            return _plain(value)
        case Escape.PERCENT:
            return quote(_plain(value), safe="")
        case Escape.JSON_STRING:
            return json.dumps(_plain(value))[1:-1]
        case Escape.JSON_VALUE:
            return _json(value)
        case _:
            assert_never(escape)


def _plain(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else _json(value)


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


# --- reading


# A variable, a brace, or, for JSON, what begins or ends a string unless a backslash stands before it.
_TOKEN = re.compile(r"""\{(?P<name>[A-Za-z][^\s{}"]*)\}|(?P<brace>[{}])|(?P<quote>")|\\["\\]""")
_LETTER_FOLLOWS = re.compile(r"\{[A-Za-z]")


def _check_characters(text: str) -> None:
    if len(text) > MAX_TEMPLATE_CHARACTERS:
        _refuse(TemplateFault.TOO_LONG, MAX_TEMPLATE_CHARACTERS + 1, str(MAX_TEMPLATE_CHARACTERS))
    if wrong := re.search("[\x00\ud800-\udfff]", text):
        _refuse(TemplateFault.CHARACTERS, wrong.start() + 1, "")


def _pieces(text: str, language: Language) -> Iterator[str | Slot]:
    """The literal text and the slots in turn."""
    read_to, in_string = 0, False
    opened: list[int] = []  # literal braces that wait for their partner, in this string or in all of the text
    for token in _TOKEN.finditer(text):
        if token["quote"]:
            if language is Language.JSON:
                _check_closed(opened)
            in_string = not in_string
        elif token["name"]:
            yield text[read_to : token.start()]
            yield _slot(token["name"], token.start() + 1, _escape(language, in_string))
            read_to = token.end()
        elif token["brace"] and (language is not Language.JSON or in_string):
            _read_brace(text, token.start(), opened, language)
    _check_closed(opened)
    yield text[read_to:]


def _check_closed(opened: list[int]) -> None:
    if opened:
        _refuse(TemplateFault.BRACE, opened[-1] + 1, "{")


def _read_brace(text: str, at: int, opened: list[int], language: Language) -> None:
    pairs_may_stand = language in (Language.JSON, Language.TEXT)
    if text[at] == "{" and pairs_may_stand and not _LETTER_FOLLOWS.match(text, at):
        opened.append(at)
    elif text[at] == "}" and opened:
        opened.pop()
    else:
        _refuse(TemplateFault.BRACE, at + 1, text[at])


def _slot(name: str, column: int, escape: Escape) -> Slot:
    slot = Slot(name=name, escape=escape, column=column)
    if not is_variable(name):
        _refuse(TemplateFault.UNKNOWN_VARIABLE, column, slot.written)
    return slot


def _escape(language: Language, in_string: bool) -> Escape:
    match language:
        case Language.URL | Language.FORM:
            return Escape.PERCENT
        case Language.JSON:
            return Escape.JSON_STRING if in_string else Escape.JSON_VALUE
        case Language.TEXT:
            return Escape.NONE
        case _:
            assert_never(language)


def _check_json(template: Template) -> None:
    """Stand-ins as long as their variables keep the columns right."""
    text = "".join(piece if isinstance(piece, str) else _stand_in(piece) for piece in template.pieces)
    try:
        json.loads(text, parse_constant=_not_finite)
    except json.JSONDecodeError as error:
        _refuse(TemplateFault.NOT_JSON, error.pos + 1, "")
    except (ValueError, RecursionError):
        _refuse(TemplateFault.NOT_JSON, 1, "")


def _stand_in(slot: Slot) -> str:
    if slot.escape is Escape.JSON_STRING:
        return "x" * len(slot.written)
    return "null".ljust(len(slot.written))


def _not_finite(word: str) -> NoReturn:
    raise ValueError(word)


def _refuse(fault: TemplateFault, column: int, what: str) -> NoReturn:
    raise TemplateRefused(fault, column, what)
