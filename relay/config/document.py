"""A YAML file as a tree of text that knows its lines.

Every scalar stays the text that was written, as in the environment: YAML's own guesses (`no` is false,
`12:30` is 750, a secret of digits is a number) do harm here. An empty value means that the key is not set.
Anchors, aliases and tags are refused: no setting needs them, and a password may begin with their signs.
"""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from yaml import events

from relay.config.keys import KeyPath
from relay.config.problems import Place, Problem, file_line, whole_file

_NULLS = ("", "~", "null", "Null", "NULL")
_DEEPEST = 10
_QUOTED = re.compile(r"'([^']*)'")
_A_TAB = r"'\t'"
_HARMLESS_QUOTE = re.compile(r".?|<[a-z ]+>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a file says: values by key, the place of each, and what is wrong with the file as such."""

    values: dict[str, object] = field(default_factory=dict)
    places: Mapping[KeyPath, Place]
    problems: tuple[Problem, ...] = ()
    is_readable: bool = True


def read_document(path: Path, named_by: str) -> Document:
    """Read a file; one that cannot be understood gives a document with that problem."""
    try:
        return parse_document(path.read_bytes().decode("utf-8-sig"), str(path))
    except FileNotFoundError:
        return _unreadable(whole_file(str(path)), f"no such file (named by {named_by})")
    except OSError as error:
        return _unreadable(whole_file(str(path)), f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return _unreadable(file_line(str(path), line), "is not UTF-8 text")
    except ValueError:
        return _unreadable(whole_file(str(path)), "is not the name of a file")


def parse_document(text: str, name: str) -> Document:
    """Read the text of a file called `name`."""
    try:
        return _Reader(text, name).document()
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        return _unreadable(
            file_line(name, line), f"character U+{ord(text[error.position]):04X} is not allowed"
        )
    except _DocumentError as error:
        return _unreadable(file_line(name, error.line), str(error))
    except yaml.MarkedYAMLError as error:
        return _unreadable(*_syntax_fault(error, name))
    except (ValueError, OverflowError):
        return _unreadable(whole_file(name), "is not YAML: an escape such as \\U names no character")


def _unreadable(place: Place, text: str) -> Document:
    return Document(places={}, problems=(Problem(place, "", text),), is_readable=False)


def _syntax_fault(error: yaml.MarkedYAMLError, name: str) -> tuple[Place, str]:
    """The parser's own words; what it quotes is left out, for it may be part of a secret."""
    problem = error.problem or "cannot be understood"
    words = _QUOTED.sub(lambda quoted: quoted[0] if _HARMLESS_QUOTE.fullmatch(quoted[1]) else "this", problem)
    if _A_TAB in problem:
        words = "a tab cannot stand here: indent by spaces"
    mark = error.problem_mark or error.context_mark
    return (file_line(name, mark.line + 1) if mark else whole_file(name)), f"is not YAML: {words}"


class _DocumentError(Exception):
    """YAML of a kind that no configuration needs."""

    def __init__(self, event: events.Event, words: str) -> None:
        super().__init__(words)
        self.line = _line(event)


class _Reader:
    def __init__(self, text: str, name: str) -> None:
        self._events = deque(yaml.parse(text, Loader=yaml.SafeLoader))
        self._name = name
        self._lines: dict[KeyPath, int] = {}
        self._problems: list[Problem] = []

    def document(self) -> Document:
        values = self._only_root()
        if isinstance(values, dict):
            return Document(values=values, places=self._places(), problems=tuple(self._problems))
        place = file_line(self._name, self._lines[()])
        return _unreadable(place, "should hold keys and values, such as `listen: 127.0.0.1:8080`")

    def _only_root(self) -> object:
        self._events.popleft()
        if isinstance(self._events[0], events.StreamEndEvent):
            return {}
        self._events.popleft()
        values = self._value(())
        self._events.popleft()
        if not isinstance(self._events[0], events.StreamEndEvent):
            raise _DocumentError(self._events[0], "a second document begins here")
        return {} if values is None else values

    def _value(self, path: KeyPath) -> object:
        event = self._events.popleft()
        self._lines.setdefault(path, _line(event))
        _refuse_signs(event)
        match event:
            case events.MappingStartEvent():
                return self._mapping(path)
            case events.SequenceStartEvent():
                return self._sequence(path)
            case events.ScalarEvent():
                return None if _is_null(event) else event.value
            case _:
                raise _DocumentError(event, "cannot be understood")

    def _mapping(self, path: KeyPath) -> dict[str, object]:
        values: dict[str, object] = {}
        lines: dict[str, int] = {}
        while not self._ends(path):
            name, line = self._key()
            if name in lines:
                self._again((*path, name), line, lines[name])
                continue
            lines[name] = self._lines[*path, name] = line
            value = self._value((*path, name))
            if value is not None:
                values[name] = value
        return values

    def _key(self) -> tuple[str, int]:
        event = self._events.popleft()
        _refuse_signs(event)
        if not isinstance(event, events.ScalarEvent):
            raise _DocumentError(event, "a key should be a word")
        return event.value, _line(event)

    def _again(self, path: KeyPath, line: int, first: int) -> None:
        text = f"stands here again, first in line {first}: keep one of them"
        self._problems.append(Problem(file_line(self._name, line), ".".join(map(str, path)), text))
        self._skip()

    def _skip(self) -> None:
        depth = 0
        while True:
            event = self._events.popleft()
            depth += isinstance(event, events.CollectionStartEvent) - isinstance(
                event, events.CollectionEndEvent
            )
            if depth == 0:
                return

    def _sequence(self, path: KeyPath) -> list[object]:
        values: list[object] = []
        while not self._ends(path):
            value = self._value((*path, len(values)))
            values.append("" if value is None else value)
        return values

    def _ends(self, path: KeyPath) -> bool:
        if len(path) > _DEEPEST:
            raise _DocumentError(self._events[0], "nested too deeply")
        if not isinstance(self._events[0], events.CollectionEndEvent):
            return False
        self._events.popleft()
        return True

    def _places(self) -> dict[KeyPath, Place]:
        lines = {path: file_line(self._name, line) for path, line in self._lines.items()}
        return {**lines, (): whole_file(self._name)}


def _line(event: events.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


def _refuse_signs(event: events.Event) -> None:
    if isinstance(event, events.AliasEvent) or getattr(event, "anchor", None) is not None:
        raise _DocumentError(event, "a value that begins with & or * must stand in quotes")
    if getattr(event, "tag", None) is not None:
        raise _DocumentError(event, "a value that begins with ! must stand in quotes")


def _is_null(event: events.ScalarEvent) -> bool:
    return event.style is None and event.value in _NULLS
