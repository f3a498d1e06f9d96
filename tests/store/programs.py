"""How tests start `tests.store.program`."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


def command_line(command: str, database: Path, *rest: str) -> list[str]:
    """What starts the program."""
    return [sys.executable, "-m", "tests.store.program", command, str(database), *rest]


@contextmanager
def started(
    command: Sequence[str], environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """A running program, killed in the end if it still runs."""
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def next_line(process: subprocess.Popen[str]) -> str:
    """What the program says next; empty when it has ended."""
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")
