"""The documents say what is there: links lead somewhere; commands, keys and log names exist."""

import ast
import functools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import click
import pytest

from relay.cli import main
from relay.config.document import parse_document
from relay.config.environment import CONFIG_VARIABLE
from relay.config.keys import GROUPS, KEYS
from tests.parsing import syntax_of

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
OPERATIONS = ROOT / "docs" / "operations.md"
README = ROOT / "README.md"

BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
Node = TypeVar("Node", bound=ast.AST)

EVENT = re.compile(r"[a-z]+\.[a-z_]+")
EVENT_ROW = re.compile(r"^\| `([a-z]+\.[a-z_]+)` \| ([\w, ]+) \|", re.MULTILINE)
VARIABLE = re.compile(r"\bRELAY_[A-Z_]*[A-Z]\b")
DOTTED = re.compile(r"[a-z]+(\.[a-z_0-9]+)+")
FILE_ENDINGS = {"py", "md", "sql", "yaml", "db", "sh", "txt"}
LOG_METHODS = {"debug": "info", "info": "info", "warning": "warning", "error": "error", "exception": "error"}

each_document = pytest.mark.parametrize(
    "document", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS]
)


# --- links


@each_document
def test_every_link_inside_the_project_leads_somewhere(document: Path) -> None:
    broken = [link for link in links_of(document) if not leads_somewhere(document, link)]

    assert not broken


def links_of(document: Path) -> list[str]:
    found = LINK.findall(BLOCK.sub("", document.read_text()))
    return [link for link in found if not link.startswith(("http://", "https://", "mailto:"))]


def leads_somewhere(document: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = (document.parent / path).resolve() if path else document
    if not target.is_relative_to(ROOT) or not target.exists():
        return False
    return not anchor or anchor in map(slug, HEADING.findall(BLOCK.sub("", target.read_text())))


def slug(heading: str) -> str:
    """The anchor that GitHub and its like make of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


# --- commands


@each_document
def test_every_command_exists_with_these_options(document: Path) -> None:
    faults = [fault for words in commands_of(document) if (fault := what_is_wrong_with(words))]

    assert not faults


def commands_of(document: Path) -> Iterator[list[str]]:
    """The words behind `relay`, of each command line in a block or between back-ticks."""
    text = document.read_text()
    lines = [line for _, block in BLOCK.findall(text) for line in block.replace("\\\n", " ").splitlines()]
    for line in lines + INLINE.findall(BLOCK.sub("", text)):
        yield from commands_in(line)


def commands_in(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    try:
        words = list(lexer)
    except ValueError:  # half of a text in quotes, such as the line before a here-document
        return
    for position, word in enumerate(words):
        if is_relay(word, words[:position]):
            rest = words[position + 1 :]
            end = next((at for at, each in enumerate(rest) if set(each) <= set("|&;<>()")), len(rest))
            yield rest[:end]


def is_relay(word: str, before: list[str]) -> bool:
    """Whether this starts the program, and is no name of a host, a user or a file."""
    if word.endswith("/bin/relay"):
        return "ln" not in before
    starts = before[-1:] in ([], ["$"], ["|"], ["&&"], [";"])
    return word == "relay" and (starts or before == ["sudo", "-u", "sigfox-relay"])


def what_is_wrong_with(words: list[str]) -> str:
    command: click.Command = main
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith(("-", "…")):
        name = rest.pop(0)
        found = named(command, name)
        if found is None:
            return f"no command {name!r} in {words}"
        command = found
    known = {option for parameter in command.params for option in parameter.opts} | {"--help", "-h"}
    unknown = {word.partition("=")[0] for word in rest if re.match("--?[a-z]", word)} - known
    return f"no option {unknown} in {words}" if unknown else ""


def test_the_readme_lists_every_command() -> None:
    listed = {" ".join(commands) for commands in map(command_names, commands_of(README))}

    assert set(all_commands(main)) <= listed


def named(group: click.Group, name: str) -> click.Command | None:
    return group.get_command(click.Context(group), name)


def command_names(words: list[str]) -> list[str]:
    command: click.Command = main
    names = []
    for word in words:
        found = named(command, word) if isinstance(command, click.Group) else None
        if found is None:
            break
        command = found
        names.append(word)
    return names


def all_commands(group: click.Group, above: str = "") -> Iterator[str]:
    for name in group.list_commands(click.Context(group)):
        command = named(group, name)
        if isinstance(command, click.Group):
            yield from all_commands(command, f"{above}{name} ")
        else:
            yield above + name


# --- configuration


@each_document
def test_every_configuration_key_exists(document: Path) -> None:
    groups = {group[0] for group in GROUPS}
    named = {
        name
        for name in map(first_word, INLINE.findall(BLOCK.sub("", document.read_text())))
        if DOTTED.fullmatch(name) and name.split(".")[0] in groups and name.split(".")[-1] not in FILE_ENDINGS
    }

    assert named - {key.dotted for key in KEYS} == set()


def first_word(text: str) -> str:
    return re.split(r"[:= ]", text)[0]


@each_document
def test_every_variable_is_a_setting(document: Path) -> None:
    known = {key.variable + suffix for key in KEYS for suffix in ("", "_FILE")} | {CONFIG_VARIABLE}
    named = {name for name in VARIABLE.findall(document.read_text()) if not name.startswith("RELAY_TEST_")}

    assert named <= known


@each_document
def test_every_configuration_shown_has_known_keys_only(document: Path) -> None:
    known = {key.path for key in KEYS}
    for text in configurations_of(document):
        shown = parse_document(text, document.name)
        assert not shown.problems
        assert set(leaves(shown.values)) <= known


def configurations_of(document: Path) -> list[str]:
    """Blocks of YAML, and what a here-document writes into a configuration."""
    blocks = BLOCK.findall(document.read_text())
    written = [re.search(r"config\.yaml.*<<(\w+)\n(.*?)^ *\1$", block, re.M | re.S) for _, block in blocks]
    return [block for language, block in blocks if language == "yaml"] + [
        without_shell(found[2]) for found in written if found
    ]


def without_shell(text: str) -> str:
    return re.sub(r"\$\(\w+\)", "made-by-the-shell", text)


def leaves(values: dict[str, object]) -> Iterator[tuple[str, ...]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from ((name, *path) for path in leaves(value))
        else:
            yield (name,)


# --- the log


def test_operations_names_what_is_logged_with_its_level() -> None:
    documented = dict(EVENT_ROW.findall(OPERATIONS.read_text()))
    logged = logged_events()

    assert {name for name, _ in logged} - set(documented) == set(), "logged, and not documented"
    assert set(documented) - all_texts() == set(), "documented, and not in the sources"
    assert {(name, documented[name]) for name, level in logged if level} <= {one for one in logged if one[1]}


@functools.cache
def logged_events() -> frozenset[tuple[str, str | None]]:
    """Names with their level, which is None where the sources choose it at run time."""
    return frozenset(named_calls())


def named_calls() -> Iterator[tuple[str, str | None]]:
    for call in nodes_of(ast.Call):
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="_log"), attr=method), args=arguments):
                named = arguments[method == "log"]
                if isinstance(named, ast.Constant) and EVENT.fullmatch(str(named.value)):
                    yield str(named.value), LOG_METHODS.get(method)


@functools.cache
def all_texts() -> frozenset[object]:
    return frozenset(node.value for node in nodes_of(ast.Constant))


def nodes_of(kind: type[Node]) -> Iterator[Node]:
    return (node for module in sources() for node in ast.walk(module) if isinstance(node, kind))


@functools.cache
def sources() -> tuple[ast.Module, ...]:
    return tuple(syntax_of(path) for path in (ROOT / "relay").rglob("*.py"))


@each_document
def test_every_log_name_elsewhere_exists(document: Path) -> None:
    families = {name.partition(".")[0] for name, _ in logged_events()} - {"relay", *(g[0] for g in GROUPS)}
    named = {
        name
        for name in INLINE.findall(BLOCK.sub("", document.read_text()))
        if EVENT.fullmatch(name)
        and name.partition(".")[0] in families
        and name.rpartition(".")[2] not in FILE_ENDINGS
    }

    assert named <= all_texts()


# --- the code


def test_the_readme_checks_signatures_as_the_form_shows() -> None:
    blocks = [block for language, block in BLOCK.findall(README.read_text()) if language == "python"]

    assert blocks == [(ROOT / "templates" / "forms" / "samples" / "python.txt").read_text()]
