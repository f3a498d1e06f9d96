"""Whatever is refused, a Czech owner reads why in Czech."""

import ast
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from relay import errors
from relay.decoder import parse_grammar, parse_search
from relay.device_pages.refusals import REFUSED
from relay.domain.device import Device
from relay.domain.device_type import DEFAULT_TYPE
from relay.domain.downlink import parse_template
from relay.domain.downlink_chain import parse_chain
from relay.domain.downlink_data import parse_downlink_data
from relay.domain.line_pattern import LinePattern
from relay.errors import ChangeRefused, Refused, Sentence, sentence
from relay.web.catalogue import read_catalogues
from relay.web.sentences import translated
from relay.web.setting_changes import changed_device
from relay.web.setting_texts import OF_DEVICE

ROOT = Path(errors.__file__).parent
CZECH = read_catalogues(["cs"])["cs"]

WRONG: Mapping[Callable[[str], object], tuple[str, ...]] = {
    parse_grammar: (
        "", "x" * 4097, "a::bool:0 " * 129, "preset:none", "a", ":0:int:8", "ž::int:8", "a:x:int:8",
        "a::in:8", "a::int", "a::bool:8", "a::char:0", "a::float:16", "a::int:65", "a::int:8:middle",
        "a::int:8:9",
        "a::bool:1:2", "a::int:8:sclae=2", "a::bool:1:scale=2", "a::int:8:scale=2:scale=2",
        "a::int:8:scale=x", "a::int:8:scale=0", "a::int:8:unit=", "a::uint:8:none=256",
        "a::uint:1:words=" + "a," * 64 + "a",
        "a::uint:1:words=", "a::int:8:if=x", "a::int:8:if=b=1", "b::int:8 a::int:8:if=b=x",
        "b::int:8 a::int:8:if=b=" + "1," * 64 + "1", "a::int:8:unit=x:7",
    ),
    parse_template: ("00", "zz", "{x}", "000", "{time}{time}{rssi}"),
    parse_chain: ("x", "ask,ask", "none,ask"),
    parse_downlink_data: ("00", "zz" * 8),
    lambda text: parse_search(text, ["a"]): ("25", "a>", "b>1", "a=1 " * 6),
    lambda text: parse_search(text, []): ("a>1",),
    LinePattern.parse: ("x", "{device}{time}"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("read", "text"),
    [(read, text) for read, texts in WRONG.items() for text in texts],
    ids=lambda one: one[:30] if isinstance(one, str) else "",
)
def test_a_fault_has_a_czech_sentence(read: Callable[[str], object], text: str) -> None:
    with pytest.raises(Refused) as refused:
        read(text)
    assert_czech(refused.value.sentence)


def assert_czech(told: Sentence) -> None:
    """Each sentence in it is in the catalogue, and what is filled in is filled in."""
    assert CZECH.gettext(told.text) != told.text
    assert "%(" not in translated(CZECH, told)
    for value in told.values.values():
        if isinstance(value, Sentence):
            assert_czech(value)


def written() -> Iterator[tuple[str, ast.expr]]:
    """Each sentence for owners in the program, with its place."""
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and (name_of(node.func) in {"sentence", "refuse"}):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node.args[0]


def name_of(called: ast.expr) -> str:
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def test_each_sentence_is_a_literal_that_has_a_czech_text() -> None:
    """An f-string would never be found in the catalogue."""
    found = dict(written())
    assert len(found) > 50
    texts = {place: getattr(text, "value", None) for place, text in found.items()}
    assert [place for place, text in texts.items() if text is None or CZECH.gettext(text) == text] == []


@pytest.mark.parametrize("setting", sorted({*OF_DEVICE} - {"alerts"}))  # which are ticked, never typed
def test_each_setting_of_a_device_is_refused_in_czech(setting: str) -> None:
    wrong = "\x01" * 200
    with pytest.raises(ChangeRefused) as caught:
        changed_device(Device(number=1, label="1"), DEFAULT_TYPE, {setting: wrong})
    (refused,) = caught.value.refusals
    if refused.fault:
        assert_czech(refused.why)
    else:
        assert CZECH.gettext(REFUSED[setting]) != REFUSED[setting]


def test_english_is_the_sentence_itself() -> None:
    inner = sentence("1 to %(most)s bits", most=64)
    told = sentence("%(what)s is not a length Sigfox knows; use %(allowed)s", what="`int:65`", allowed=inner)
    assert str(told) == "`int:65` is not a length Sigfox knows; use 1 to 64 bits"
    assert translated(CZECH, told) == "`int:65` není délka, kterou Sigfox zná; použijte 1 až 64 bitů"
