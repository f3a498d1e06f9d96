"""`relay`, but for one thing: while a file says so, the process ends before it answers with a downlink."""

import os
from collections.abc import Mapping
from pathlib import Path

from relay.backend_ingest import views
from relay.cli import main

MUTE = Path("mute")
EXIT_CODE = 87

answer_body = views.answer_body


def answer_or_die(downlinks: Mapping[str, str]) -> bytes:
    """All is committed, and nothing is said."""
    if MUTE.exists():
        os._exit(EXIT_CODE)
    return answer_body(downlinks)


if __name__ == "__main__":
    views.answer_body = answer_or_die
    main()
