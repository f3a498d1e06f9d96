"""`relay sigfox callbacks`."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from relay.cli import main

SECRET = "f3Kd9-sLq0Zx7WvB2nMc5RtY8uHj1GaE"
KEY = "kTz8-jfGm0QpWl5xRcV7uYbN3sEaHdIo"


def callbacks(folder: Path, *options: str) -> Result:
    file = folder / "config.yaml"
    file.write_text(
        f"secret_key: {KEY}\npublic_url: https://relay.example.org\nsigfox:\n  secrets: [{SECRET}]\n"
        "  batch: {pattern: '{device}|{data}', parameter: lot}\n"
    )
    return CliRunner().invoke(main, ["sigfox", "callbacks", "--config", str(file), *options])


def test_each_callback_is_printed_with_the_secret_hidden(tmp_path: Path) -> None:
    result = callbacks(tmp_path)
    assert result.exit_code == 0
    assert SECRET not in result.output
    assert "--show-secret" in result.stderr
    assert "https://relay.example.org/sigfox/data-advanced" in result.stdout
    assert '"duplicates": {duplicates}' in result.stdout
    assert "https://relay.example.org/sigfox/batch?lot={batch}" in result.stdout
    assert "{device}|{data}" in result.stdout


def test_the_secret_is_shown_when_asked_for(tmp_path: Path) -> None:
    assert f"Bearer {SECRET}" in callbacks(tmp_path, "--show-secret").stdout


def test_json_has_the_bodies_for_sigfoxs_api(tmp_path: Path) -> None:
    forms = json.loads(callbacks(tmp_path, "--json", "--show-secret").stdout)
    (status,) = [form for form in forms if form["subtype"] == "STATUS"]
    assert status["url"] == status["api"]["url"] == "https://relay.example.org/sigfox/status"
    assert status["api"]["headers"] == {"Authorization": f"Bearer {SECRET}"}
    assert (status["api"]["callbackType"], status["api"]["callbackSubtype"]) == (1, 0)
