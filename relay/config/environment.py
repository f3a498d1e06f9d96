"""Settings from environment variables, the files they name, and systemd credentials."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from relay.config.keys import GROUPS, KEYS, PREFIX, Key, variable_meant, variable_name
from relay.config.problems import Place, Problem, elsewhere
from relay.config.quote import quote

CONFIG_VARIABLE = "RELAY_CONFIG"
CREDENTIALS_VARIABLE = "CREDENTIALS_DIRECTORY"

_NOT_SETTINGS = re.compile(r"RELAY_CONFIG|RELAY_TEST_.*|RELAY_DEMO_.*", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A value from outside the configuration file, and the place that gave it."""

    key: Key
    value: object
    place: Place


def read_environment(environ: Mapping[str, str]) -> Iterator[Given | Problem]:
    """What the environment sets, and what is wrong with it."""
    for key in KEYS:
        found = _read_key(key, environ)
        if found is not None:
            yield found
    yield from _unknown(environ)


def _read_key(key: Key, environ: Mapping[str, str]) -> Given | Problem | None:
    plain, by_file = key.variable, key.variable + "_FILE"
    if plain in environ and by_file in environ:
        return Problem(elsewhere(plain), key.dotted, f"{by_file} is set as well: keep one of them")
    if plain in environ:
        return _given(key, environ[plain], elsewhere(plain))
    if by_file in environ:
        return _from_file(key, Path(environ[by_file]), elsewhere(by_file))
    return _from_credential(key, environ) if key.is_secret else None


def _from_credential(key: Key, environ: Mapping[str, str]) -> Given | Problem | None:
    folder = environ.get(CREDENTIALS_VARIABLE)
    if not folder:
        return None
    path = Path(folder, key.dotted)
    try:
        path.lstat()
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        pass  # reading it says what is wrong
    return _from_file(key, path, elsewhere(f"credential {key.dotted}"))


def _from_file(key: Key, path: Path, place: Place) -> Given | Problem:
    try:
        text = path.read_bytes().decode()
    except OSError as error:
        return Problem(place, key.dotted, f"cannot read {quote(str(path))}: {error.strerror}")
    except UnicodeDecodeError:
        return Problem(place, key.dotted, f"{quote(str(path))} is not UTF-8 text")
    except ValueError:
        return Problem(place, key.dotted, f"{quote(str(path))} is not the name of a file")
    return _given(key, text.removesuffix("\n").removesuffix("\r"), place)


def _given(key: Key, text: str, place: Place) -> Given | Problem:
    if not key.is_list:
        return Given(key=key, value=text, place=place)
    try:
        return Given(key=key, value=_split(text), place=place)
    except (ValueError, RecursionError):
        return Problem(place, key.dotted, 'should be a list, such as one,two or ["one", "two"]')


def _split(text: str) -> list[object]:
    if text.lstrip().startswith("["):
        return [str(item) if isinstance(item, int | float) else item for item in json.loads(text)]
    return [item.strip() for item in re.split(r"[,\n]", text) if item.strip()]


def _unknown(environ: Mapping[str, str]) -> Iterator[Problem]:
    known = {key.variable + suffix for key in KEYS for suffix in ("", "_FILE")}
    for name in environ:
        if name.startswith(PREFIX) and name not in known and not _NOT_SETTINGS.fullmatch(name):
            yield Problem(elsewhere(name), "", _what_is_wrong_with(name))


def _what_is_wrong_with(name: str) -> str:
    groups = {variable_name(group): group for group in GROUPS}
    if name in groups:
        first = next(key.variable for key in KEYS if key.path[:-1] == groups[name])
        return f"is a group of settings: set each by itself, such as {first}"
    meant = variable_meant(name)
    return "no such setting" + (f": did you mean {quote(meant)}?" if meant else "")
