"""Backups of the real program: made while it runs, verified, and restored elsewhere."""

import stat
from pathlib import Path

import pytest

from tests.journeys.receiver import Receiver
from tests.journeys.relay_program import RelayProgram
from tests.journeys.sigfox import call_back

pytestmark = pytest.mark.asyncio(loop_scope="session")

TIME = 1_800_000_000


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def names(folder: Path, pattern: str) -> list[str]:
    return [path.name for path in folder.glob(pattern)]


async def test_a_backup_made_while_the_service_runs_is_restored_elsewhere(
    own_relay: RelayProgram, receiver: Receiver
) -> None:
    file = own_relay.folder / "relay.backup"
    async with own_relay.running() as relay:
        await relay.provision("B1", webhook_url=receiver.url)
        await call_back(relay, device="B1", time=TIME, data="01")
        messages = await relay.delivered("B1")
        made = await relay.cli("backup", str(file))
        while_running = await relay.cli("restore", str(file), "--force")
        await relay.stop()
    assert made.exit_code == 0, made.err
    assert "secret_key is not inside" in made.err
    assert while_running.exit_code == 1
    assert "is in use by process" in while_running.err
    assert mode(file) == 0o600
    assert names(own_relay.folder, "relay.db.copy-*") == []

    restored = await relay.cli("restore", str(file), "--force")
    assert restored.exit_code == 0, restored.err
    assert len(names(own_relay.folder, "relay.db.before-restore-*")) == 1
    async with own_relay.running() as relay:
        assert await relay.messages("B1") == messages
        await relay.stop()
