"""The real relay in hard times: traced, or with a bullet for one message."""

import sys
from pathlib import Path

from tests.journeys.relay_program import RelayProgram


class TracedRelay(RelayProgram):
    """A relay whose reads, writes and syncs are written to `trace`."""

    @property
    def trace(self) -> Path:
        """The system calls, in the order in which they ended."""
        return self.folder / "trace"

    def serve_command(self) -> list[str]:
        """With `-D` the relay stays our child, so that signals reach it and not the tracer."""
        calls = "trace=fdatasync,fsync,read,recvfrom,recvmsg,readv,write,writev,sendto,sendmsg"
        tracer = ["strace", "-D", "-f", "-y", "-s", "200", "-e", calls, "-o", str(self.trace)]
        return [*tracer, *super().serve_command()]


class PoisonedRelay(RelayProgram):
    """A relay that ends at once, as if by a fault of the machine, when it sends the poison."""

    def serve_command(self) -> list[str]:
        """See `poisoned_relay.py`."""
        script = Path(__file__).with_name("poisoned_relay.py")
        return [sys.executable, str(script), *super().serve_command()[3:]]


class MuteRelay(RelayProgram):
    """A relay that ends between the commit of a downlink and its answer, while a file says so."""

    def serve_command(self) -> list[str]:
        """See `mute_relay.py`."""
        script = Path(__file__).with_name("mute_relay.py")
        return [sys.executable, str(script), *super().serve_command()[3:]]
