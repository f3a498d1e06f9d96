"""Ready-made grammars read what the kits of the service's owners send."""

import json
from pathlib import Path
from typing import Any

import pytest

from relay.decoder import PRESETS, parse_grammar
from relay.errors import GrammarError

VECTORS = Path(__file__).parent.parent / "cases" / "preset_vectors.jsonl"


def vectors() -> list[dict[str, Any]]:
    return [json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: f"{vector['preset']} {vector['hex']}")
def test_a_frame_of_a_kit_is_read(vector: dict[str, Any]) -> None:
    payload = bytes.fromhex(vector["hex"])

    grammar = parse_grammar(f"preset:{vector['preset']}")

    assert grammar.decode(payload) == vector["expected"]
    assert grammar.fits(payload)


def test_each_preset_has_vectors_and_reads_its_example_whole() -> None:
    assert {vector["preset"] for vector in vectors()} == set(PRESETS)
    for preset in PRESETS.values():
        grammar = parse_grammar(preset.grammar)
        assert grammar == parse_grammar(f" preset:{preset.name}\n")
        assert grammar.fits(bytes.fromhex(preset.example))


@pytest.mark.parametrize(
    ("text", "column"), [("preset:", 8), ("preset:nope", 8), (" preset:push-button a::uint:8", 9)]
)
def test_a_preset_that_is_not_there_is_refused_with_those_that_are(text: str, column: int) -> None:
    with pytest.raises(GrammarError, match=r"there is no preset .*climate-monitor, .*push-button") as caught:
        parse_grammar(text)
    assert caught.value.column == column
