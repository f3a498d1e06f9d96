"""Files of others are what their manifest says, and their licences stand beside them."""

import hashlib
import json
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "relay" / "static" / "vendor"


def test_vendored_files_are_those_of_the_manifest() -> None:
    manifest = json.loads((VENDOR / "manifest.json").read_text())
    files = {path.name for path in VENDOR.iterdir()} - {"manifest.json"}
    licences = {f"{each['name']}.LICENSE.txt" for each in manifest}
    assert files == {each["file"] for each in manifest} | licences
    for each in manifest:
        assert hashlib.sha256((VENDOR / each["file"]).read_bytes()).hexdigest() == each["sha256"]
