"""Formats and payloads with known results, most of them published."""

import json
from pathlib import Path
from typing import Any

import pytest

from relay.decoder import parse_grammar

VECTORS = Path(__file__).parent.parent / "cases" / "decode_vectors.jsonl"
NOT_A_NUMBER = "NaN (not JSON!)"


def usable_vectors() -> list[dict[str, Any]]:
    vectors = [json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [vector for vector in vectors if vector["status"] != "source-quoted-but-inconsistent"]


@pytest.mark.parametrize(
    "vector", usable_vectors(), ids=lambda vector: f"{vector['format'][:40]} {vector['hex']}"
)
def test_a_known_payload_has_the_known_fields(vector: dict[str, Any]) -> None:
    expected = {name: None if value == NOT_A_NUMBER else value for name, value in vector["expected"].items()}

    decoded = parse_grammar(vector["format"]).decode(bytes.fromhex(vector["hex"]))

    assert decoded == expected
    assert [type(decoded[name]) for name in expected] == [type(value) for value in expected.values()]
    assert list(decoded) == list(expected)
