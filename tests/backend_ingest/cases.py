"""The carried cases, read once for the tests of this folder."""

import base64
import json
from pathlib import Path
from typing import Any

CASES = Path(__file__).parents[1] / "cases"


def lines(name: str) -> list[dict[str, Any]]:
    with (CASES / name).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def query_of(path: str) -> str:
    return path.partition("?")[2]


def body_of(case: dict[str, Any]) -> bytes:
    return base64.b64decode(case.get("body_b64") or "")
