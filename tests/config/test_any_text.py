"""Whatever stands in the file or in the environment: a configuration or a ConfigError."""

import json
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from relay.config import Config, load_config, redacted
from relay.config.keys import GROUPS, KEYS
from relay.errors import ConfigError
from tests.config.given import KEY, REQUIRED, SECRET

SCRAPS = [
    "smtp:",
    "port: ",
    "  ",
    "\n",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ": ",
    "&a",
    "*a",
    "!!int ",
    "<<: ",
    "'",
    '"',
    "|",
    ">",
    "?",
]
SCRAPS += [
    "0x_",
    "1:30",
    "~",
    "2020-13-99",
    "---",
    "%YAML",
    "\\U",
    "\t",
    "#",
    "secret_key: ",
    KEY,
    "sigfox: {secrets: [",
]

words = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "1",
            "15s",
            "[",
            "::1",
            "a:1",
            "0s",
            KEY,
            SECRET,
            "cs",
            "true",
            "10.0.0.0/8",
            "sqlite:///x",
            "\ud800",
        ]
    ),
)
values = st.recursive(
    words | st.none() | st.integers() | st.floats() | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
names = st.sampled_from(sorted({part for key in KEYS for part in key.path})) | words
variables = st.sampled_from(
    [key.variable + end for key in KEYS for end in ("", "_FILE")] + ["RELAY_" + g[0] for g in GROUPS]
)


def outcome(content: bytes, environ: dict[str, str]) -> Config | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "config.yaml")
        path.write_bytes(content)
        try:
            config = load_config(path, environ).config
        except ConfigError as error:
            said = str(error).split("\n")
        else:
            json.dumps(redacted(config))
            return config
    assert all(line.isprintable() and line for line in said)
    return None


@given(st.binary(max_size=100))
def test_any_bytes(content: bytes) -> None:
    outcome(content, REQUIRED)


@given(st.text(max_size=200) | st.lists(st.sampled_from(SCRAPS) | words, max_size=20).map("".join))
def test_any_text(text: str) -> None:
    outcome(text.encode("utf-8", "surrogatepass"), REQUIRED)


@given(st.dictionaries(names, values | st.dictionaries(names, values, max_size=4), max_size=5))
def test_any_tree_of_known_and_unknown_keys(tree: dict[str, object]) -> None:
    outcome(json.dumps(tree).encode(), {})


@given(st.dictionaries(variables, words | values.map(json.dumps), max_size=5))
def test_any_environment(environ: dict[str, str]) -> None:
    outcome(b"", environ)


def test_what_is_right_gives_a_configuration() -> None:
    assert outcome(b"", REQUIRED) is not None
