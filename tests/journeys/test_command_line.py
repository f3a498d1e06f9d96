"""The `relay` command, as an operator types it."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.journeys.receiver import Receiver
from tests.journeys.relay_program import RelayProgram, run_relay
from tests.journeys.sigfox import call_back

pytestmark = pytest.mark.asyncio(loop_scope="session")

WRONG_CONFIG = """\
listen: 127.0.0.1:99999
secret_key: short
sigfox:
  secrts: []
forwarder:
  timeout: soon
"""


async def test_check_config_names_every_fault_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(WRONG_CONFIG)
    finished = await run_relay("check-config", "--config", str(file))
    assert finished.exit_code == 78
    for place in (":1:", ":2:", ":4:", ":6:"):
        assert f"{file}{place}" in finished.err
    assert "secrets" in finished.err
    assert "Traceback" not in finished.err


async def test_serve_refuses_a_file_with_secrets_that_everybody_can_read(own_relay: RelayProgram) -> None:
    own_relay.config_file.chmod(0o644)
    finished = await own_relay.cli("serve")
    assert (finished.exit_code, finished.out) == (78, "")
    (sentence,) = finished.err.splitlines()
    assert sentence.endswith(f"chmod 600 {own_relay.config_file}")
    assert not own_relay.database.exists()


async def test_decode_points_at_the_fault_in_a_grammar() -> None:
    finished = await run_relay("decode", "temp::int:8 hum::unit:8", "152d")
    assert (finished.exit_code, finished.out) == (2, "")
    assert "column 18" in finished.err
    *_, grammar, marker = finished.err.rstrip("\n").splitlines()
    assert grammar[marker.index("^") :].startswith("unit")


async def test_a_run_of_the_simulator_is_accepted_whole(relay: RelayProgram) -> None:
    finished = await run_relay(
        *("simulate", f"{relay.url}/sigfox", "--secret-file", "-", "--json"),
        *("--messages", "40", "--rate", "500", "--speed", "1000"),
        *("--duplicates", "0.3", "--bidir", "0.3", "--advanced"),
        stdin=relay.secret,
    )
    assert finished.exit_code == 0, finished.err
    report = json.loads(finished.out)
    assert report["good"] is True
    assert report["sent"] == report["accepted"] >= 80


async def test_a_demo_ends_when_all_has_arrived() -> None:
    finished = await run_relay("demo", "--messages", "20", "--port", "0", "--speed", "100")
    assert finished.exit_code == 0, finished.err
    assert finished.out.rstrip().endswith("20 of 20 messages arrived.")


async def test_an_import_is_all_or_nothing_unless_told_otherwise_and_repeats_well(
    relay: RelayProgram, receiver: Receiver
) -> None:
    """The relay runs meanwhile: it does what the command asks."""
    lines = [
        "device,token,email,webhook_url",
        "11AA01,t0ken-of-the-card,owner@example.com,",
        "11AA02,,,",
        "XYZ,,,",
        f"11AA03,,,{receiver.url}",
        "11AA04,,not-an-address,",
        "11aa02,,,",
    ]
    file = relay.folder / "devices.csv"
    file.write_text("\n".join(lines))

    refused = await relay.cli("device", "import", str(file))
    assert (refused.exit_code, refused.out) == (1, "")
    assert [line.partition(":")[0] for line in refused.err.splitlines()[:3]] == ["line 4", "line 6", "line 7"]
    assert "nothing imported: 3 of 6 lines are bad" in refused.err

    done = await relay.cli("device", "import", str(file), "--skip-bad")
    assert done.exit_code == 0
    assert done.err.splitlines()[-1] == "3 added, 0 changed, 0 same"
    made = {row["device"]: row["token"] for row in csv.DictReader(io.StringIO(done.out))}
    assert sorted(made) == ["11AA02", "11AA03"]
    assert min(len(token) for token in made.values()) >= 12

    again = await relay.cli("device", "import", str(file), "--skip-bad")
    assert (again.exit_code, again.out) == (0, "")
    assert again.err.splitlines()[-1] == "0 added, 0 changed, 3 same"

    assert (await call_back(relay, device="11AA03", time=1_700_000_000, data="01")).status == 204
    assert json.loads((await receiver.arrival()).body)["device"] == "11AA03"
    await relay.delivered("11AA03")

    listed = json.loads((await relay.cli("device", "list", "--json")).out)
    hosts = {one["device"]: one["webhook_host"] for one in listed if one["device"].startswith("11AA")}
    assert hosts == {"11AA01": None, "11AA02": None, "11AA03": "127.0.0.1"}

    shown = json.loads((await relay.cli("device", "show", "11aa03", "--json")).out)
    (message,) = shown["messages"]
    assert shown["device"]["device"] == "11AA03"
    assert [attempt["status"] for attempt in message["deliveries"][0]["attempts"]] == [204]


async def test_devices_are_added_and_looked_at_without_a_running_relay(own_relay: RelayProgram) -> None:
    added = await own_relay.cli("device", "add", "22bb01", "--email", "owner@example.com")
    assert added.exit_code == 0
    assert added.out.splitlines()[0] == "22BB01 added"
    assert added.out.splitlines()[1].startswith("token ")
    unknown = await own_relay.cli("device", "show", "22BB02")
    assert unknown.exit_code == 1
    assert unknown.err == "relay: there is no device 22BB02, and no message from one\n"
