"""A folder to be in, with a way to write a configuration there and load it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from relay.config import Loaded, load_config
from tests.config.given import REQUIRED_YAML

Load = Callable[..., Loaded]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def load(folder: Path) -> Load:
    def write_and_load(
        text: str = "", environ: dict[str, str] | None = None, *, required: str = REQUIRED_YAML
    ) -> Loaded:
        Path("config.yaml").write_text(required + text)
        return load_config(Path("config.yaml"), environ or {})

    return write_and_load
