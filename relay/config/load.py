"""Find the configuration, put its sources together and check the whole."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from relay.config.document import Document, read_document
from relay.config.environment import CONFIG_VARIABLE, Given, read_environment
from relay.config.keys import GROUPS, KEYS, KeyPath
from relay.config.model import Config
from relay.config.problems import Origin, Place, Problem, config_error, explain, whole_file

SEARCHED = (Path("config.yaml"), Path("/etc/sigfox-relay/config.yaml"))
DEFAULT_SOURCE = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The settings in force.

    `path` is the file that was read, if any. `sources` tells for each dotted key where its value comes
    from: `FILE:LINE`, the name of a variable, `credential KEY`, or `default`. `from_file` names the keys
    that the file sets.
    """

    config: Config
    path: Path | None
    sources: Mapping[str, str]
    from_file: frozenset[str]


def load_config(path: Path | None, environ: Mapping[str, str]) -> Loaded:
    """Read the settings: environment over file over defaults.

    `path` is what `--config` named; else what `RELAY_CONFIG` names, `config.yaml` here, or the one in
    `/etc/sigfox-relay` is read; without any of them the environment has to do.

    Raises:
        ConfigError: Something is wrong; its text has one line for each problem, in the order of the file.
    """
    found, named_by = _find(path, environ)
    document = (
        read_document(found, named_by)
        if found
        else Document(places={(): whole_file("no configuration file")})
    )
    outside = list(read_environment(environ))
    given = [item for item in outside if isinstance(item, Given)]
    problems = [*document.problems, *(item for item in outside if isinstance(item, Problem))]
    if not document.is_readable:
        raise config_error(problems)
    values, places = _merged(document, given)
    config = _validate(values, places, problems)
    origins = {key.dotted: places[key.path] for key in KEYS if _is_set(values, key.path)}
    return Loaded(
        config=config,
        path=found,
        sources={key.dotted: str(origins.get(key.dotted, DEFAULT_SOURCE)) for key in KEYS},
        from_file=frozenset(key for key, place in origins.items() if place.origin is Origin.FILE_LINE),
    )


def _find(path: Path | None, environ: Mapping[str, str]) -> tuple[Path | None, str]:
    if path is not None:
        return path, "--config"
    if environ.get(CONFIG_VARIABLE):
        return Path(environ[CONFIG_VARIABLE]), CONFIG_VARIABLE
    return next(filter(_is_there, SEARCHED), None), "the search"


def _is_there(path: Path) -> bool:
    """Whether to read it; one that cannot even be looked at counts, so that reading it tells why."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        return True
    return True


def _merged(document: Document, given: Iterable[Given]) -> tuple[dict[str, object], dict[KeyPath, Place]]:
    """All values, with every group present so that only leaves can be missing, and where each comes from."""
    values: dict[str, object] = {group[0]: {} for group in GROUPS}
    values |= {
        key: dict(value) if isinstance(value, dict) else value for key, value in document.values.items()
    }
    places = dict(document.places)
    for item in given:
        _overlay(values, item)
        size = len(item.key.path)
        places = {path: place for path, place in places.items() if path[:size] != item.key.path}
        places[item.key.path] = item.place
    return values, places


def _overlay(values: dict[str, object], item: Given) -> None:
    *above, name = item.key.path
    group: object = values
    for part in above:
        group = group.setdefault(part, {}) if isinstance(group, dict) else None
    if isinstance(group, dict):  # else the file has something wrong there, which is reported
        group[name] = item.value


def _is_set(values: object, path: tuple[str, ...]) -> bool:
    for part in path:
        if not isinstance(values, dict) or part not in values:
            return False
        values = values[part]
    return True


def _validate(values: dict[str, object], places: Mapping[KeyPath, Place], problems: list[Problem]) -> Config:
    try:
        config = Config.model_validate(values)
    except ValidationError as error:
        found = [explain(fault, places) for fault in error.errors(include_url=False)]
    else:
        found = []
    unread = {problem.key for problem in problems if problem.place.origin is Origin.ELSEWHERE}
    problems = [*problems, *(problem for problem in found if problem.key not in unread or not problem.key)]
    if problems:
        raise config_error(problems)
    return config
