"""A 2xx is sent only after `fdatasync` ended; kill -9 cannot tell: the kernel keeps what was written."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.durability.programs import TracedRelay
from tests.journeys.sigfox import call_back

CALLBACKS = 10
_CALL = re.compile(
    r'(?P<request>"POST /sigfox/data)|(?P<sync>f(?:data)?sync(?:\(.*db-wal>| resumed>)\) += 0)'
    r'|(?P<answer>"HTTP/1\.1 204)'
)


def syncs_before_answers(trace: str) -> list[int]:
    """For each callback: how many syncs of the write-ahead log ended between its request and its answer."""
    counts, since_request = [], 0
    for call in _CALL.finditer(trace):
        match call.lastgroup:
            case "request":
                since_request = 0
            case "sync":
                since_request += 1
            case "answer":
                counts.append(since_request)
    return counts


def can_trace() -> bool:
    """strace is here, and is allowed to do its work."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], check=False).returncode == 0


@pytest.mark.skipif(not can_trace(), reason="strace cannot watch programs here")
async def test_each_2xx_comes_after_the_disk_has_the_message(tmp_path: Path) -> None:
    relay = TracedRelay(tmp_path)
    async with relay.running():
        answers = [
            await call_back(relay, device="D1", time=1_700_000_000 + number, data=f"{number:02x}")
            for number in range(CALLBACKS)
        ]
    assert [answer.status for answer in answers] == [204] * CALLBACKS
    counts = syncs_before_answers(relay.trace.read_text(errors="replace"))
    assert len(counts) == CALLBACKS
    assert min(counts) >= 1


def test_a_sync_that_has_not_ended_does_not_count() -> None:
    trace = """
        1 recvfrom(9, "POST /sigfox/data HTTP/1.1", 4096) = 200
        2 fdatasync(7</relay.db-wal> <unfinished ...>
        1 sendto(9, "HTTP/1.1 204 No Content", 80) = 80
        2 <... fdatasync resumed>) = 0
        1 recvfrom(9, "POST /sigfox/data HTTP/1.1", 4096) = 200
        2 fdatasync(7</relay.db-wal>) = 0
        1 sendto(9, "HTTP/1.1 204 No Content", 80) = 80
    """
    assert syncs_before_answers(trace) == [0, 1]
