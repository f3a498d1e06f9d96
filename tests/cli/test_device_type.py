"""`relay device-type`, and `relay device` with types, as an operator types them."""

import json
from pathlib import Path

from tests.journeys.relay_program import RelayProgram, run_relay


async def test_types_and_their_devices_from_the_command_line(tmp_path: Path) -> None:
    relay = RelayProgram(tmp_path)
    added = await relay.cli("device-type", "add", "climate", "--grammar", "preset:climate-monitor")
    assert (added.exit_code, added.err) == (0, "")
    changed = await relay.typed("device-type", "set", "climate", "--keep-alive", "learned")
    changed = await relay.typed(
        "device-type", "set", "climate", "--alert-window", "6h", "--low-battery", "2.5V"
    )
    told = " ".join(changed.out.split())
    for setting in ("keep_alive_seconds learned", "alert_window_seconds 6h", "low_battery 2.5V"):
        assert setting in told

    wrong = await relay.typed("device-type", "set", "climate", "--grammar", "a::unit:8")
    assert (wrong.exit_code, wrong.out) == (1, "")
    assert wrong.err.startswith("relay: grammar: column 4: `unit` is not a type")

    file = tmp_path / "devices.csv"
    file.write_text("device,device_type\nA1,climate\nA2,\nA3,nope\n")
    refused = await relay.typed("device", "import", str(file))
    assert refused.err.startswith("line 4: device_type 'nope': there is no such device type\n")
    assert (await relay.typed("device", "import", str(file), "--skip-bad")).exit_code == 0

    assert (await relay.typed("device", "set", "a1", "--position", "50.1,14.39")).exit_code == 0
    shown = await relay.typed("device", "show", "a1")
    assert [
        line.split()[1:-1] for line in shown.out.splitlines() if "position " in line or "keep" in line
    ] == [
        ["keep_alive_seconds", "│", "learned", "│", "type"],
        ["position", "│", "50.1,14.39", "│", "device"],
    ]
    types = json.loads((await relay.typed("device-type", "list", "--json")).out)
    assert [(one["name"], one["devices"]) for one in types] == [("default", 1), ("climate", 1)]


async def test_presets_are_listed_and_decode() -> None:
    listed = await run_relay("decode", "--presets", warm=True)
    assert "preset:climate-monitor" in listed.out
    decoded = await run_relay("decode", "preset:pir-counter", "ff00e70005", warm=True)
    assert json.loads(decoded.out) == {"voltage": None, "temperature": 23.1, "count": 5}
