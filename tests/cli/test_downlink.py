"""`relay downlink` as an operator types it."""

import json
from pathlib import Path

from tests.journeys.relay_program import RelayProgram

DATA = "0102030405060708"


async def test_a_queue_from_the_command_line(tmp_path: Path) -> None:
    relay = RelayProgram(tmp_path)
    await relay.provision("D1")
    pushed = await relay.cli(
        "downlink", "push", "d1", DATA, "--label", "clock", "--expires", "2d", "--tries", "3"
    )
    assert (pushed.exit_code, pushed.err) == (0, "")
    number = pushed.out.split()[-1]

    shown = json.loads((await relay.typed("downlink", "show", number, "--json")).out)
    assert (shown["data"], shown["label"], shown["state"], shown["most_tries"]) == (
        DATA,
        "clock",
        "pending",
        3,
    )
    listed = await relay.typed("downlink", "list", "D1")
    assert "Waits until the device listens." in listed.out
    assert listed.err == "0 handed over today (UTC).\n"
    assert (await relay.typed("downlink", "clear", "D1")).out == "1 taken out of the queue\n"

    for arguments, code, sentence in (
        (
            ("push", "D1", "01020304050607"),
            1,
            "A downlink is exactly 8 bytes, 16 characters. You entered 14.",
        ),
        (("push", "D2", DATA), 1, "there is no device D2"),
        (("push", "D1", DATA, "--expires", "9999999d"), 2, "at most 365d"),
        (("cancel", number), 1, f"downlink {number} is in no queue"),
        (("show", "9"), 1, "there is no downlink 9"),
        (("clear", "zz"), 1, "a device ID has 1 to 8 digits"),
    ):
        refused = await relay.typed("downlink", *arguments)
        assert (refused.exit_code, refused.out) == (code, "")
        assert sentence in refused.err
        assert "Traceback" not in refused.err
