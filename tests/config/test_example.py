"""`config.example.yaml` is complete and says the truth."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from relay.config import load_config
from relay.config.document import parse_document
from relay.config.keys import KEYS
from tests.config.given import REQUIRED

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"
COMMENTED_KEY = re.compile(r"^( *)# ", re.MULTILINE)


def leaves(values: Mapping[str, object], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in values.items():
        if isinstance(value, dict):
            yield from leaves(value, (*above, name))
        else:
            yield (*above, name)


def test_every_key_is_there_and_none_is_unknown() -> None:
    values = parse_document(COMMENTED_KEY.sub(r"\1", EXAMPLE.read_text()), "example").values

    assert set(leaves(values)) == {key.path for key in KEYS}


def test_all_comments_removed_it_holds_the_defaults(folder: Path) -> None:
    Path("all.yaml").write_text(COMMENTED_KEY.sub(r"\1", EXAMPLE.read_text()))
    Path("none.yaml").write_text("")

    assert load_config(Path("all.yaml"), REQUIRED).config == load_config(Path("none.yaml"), REQUIRED).config


def test_as_shipped_it_sets_nothing(folder: Path) -> None:
    loaded = load_config(EXAMPLE, REQUIRED)

    assert loaded.from_file == frozenset()


def test_every_key_has_a_line_of_meaning_above_it_or_above_its_neighbour() -> None:
    lines = EXAMPLE.read_text().splitlines()

    for number, line in enumerate(lines):
        if COMMENTED_KEY.match(line):
            assert lines[number - 1].strip(), f"line {number + 1} stands alone"
