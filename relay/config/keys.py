"""Every key there is, as the models define them, and which one a misspelt name may mean."""

import difflib
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeGuard, get_args, get_origin

from pydantic import BaseModel, SecretStr

from relay.config.model import Config

KeyPath = tuple[str | int, ...]

PREFIX = "RELAY_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One setting: a leaf of the tree."""

    path: tuple[str, ...]
    is_list: bool
    is_secret: bool

    @property
    def dotted(self) -> str:
        return ".".join(self.path)

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return variable_name(self.path)


def variable_name(path: tuple[str, ...]) -> str:
    return PREFIX + "__".join(path).upper()


def _keys(model: type[BaseModel], above: tuple[str, ...]) -> Iterator[Key]:
    for name, field in model.model_fields.items():
        path = (*above, field.alias or name)
        kind = field.annotation
        if _is_group(kind):
            yield from _keys(kind, path)
        else:
            yield Key(path=path, is_list=get_origin(kind) is tuple, is_secret=_mentions_secret(kind))


def _is_group(kind: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _mentions_secret(kind: object) -> bool:
    return kind is SecretStr or any(map(_mentions_secret, get_args(kind)))


def secret_values(config: Config) -> list[str]:
    """The text of every secret that is set."""
    found: list[SecretStr] = []
    for key in KEYS:
        if key.is_secret:
            value = _value_at(config, key.path)
            found += value if key.is_list else [value]
    return [secret.get_secret_value() for secret in found if secret]


def _value_at(config: Config, path: tuple[str, ...]) -> Any:
    return functools.reduce(getattr, path, config)


KEYS = tuple(_keys(Config, ()))
GROUPS = tuple(dict.fromkeys(key.path[:-1] for key in KEYS if len(key.path) > 1))


def key_meant(path: tuple[str, ...]) -> str | None:
    """The dotted key or group that an unknown path most likely means; its neighbours come first."""
    *above, name = path
    known = [key.path for key in KEYS] + list(GROUPS)
    beside = {other[-1]: other for other in known if other[:-1] == tuple(above)}
    anywhere = {other[-1]: other for other in reversed(known)}
    wanted = name.lower().replace("-", "_")
    close = difflib.get_close_matches(wanted, beside, n=1)
    found = beside[close[0]] if close else anywhere.get(wanted)
    return ".".join(found) if found else None


def variable_meant(name: str) -> str | None:
    """The variable that an unknown `RELAY_…` most likely means."""
    known = [key.variable.removeprefix(PREFIX) for key in KEYS]
    close = difflib.get_close_matches(name.removeprefix(PREFIX), known + [n + "_FILE" for n in known], n=1)
    return PREFIX + close[0] if close else None
