"""The body of an answer that carries downlinks."""

import json
from collections.abc import Mapping


def answer_body(downlinks: Mapping[str, str]) -> bytes:
    """JSON of the downlinks (16 hex digits each) by device id, spelled as it was received.

    Source: support.sigfox.com/docs/bidir; an answer to a batch holds those of all its devices.
    """
    answer = {device: {"downlinkData": data} for device, data in downlinks.items()}
    return json.dumps(answer, separators=(",", ":")).encode()
