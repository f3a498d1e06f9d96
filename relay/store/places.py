"""The newest callbacks of a device that may tell where it was."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from relay.domain.radio import Radio
from relay.domain.uplink import Kind
from relay.store.driver import Do, Row, Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One callback: `time` in Unix seconds, `data` in hex, `more` by Sigfox's names."""

    time: int
    kind: Kind
    data: str
    more: Mapping[str, Any]
    radio: Radio


def read_tellings(device: int, window: int) -> Steps[Sequence[Telling]]:
    """Those among so many of the newest, the newest first."""
    rows = yield Do("telling_of_device", [{"device": device, "window": window}])
    return [_telling(row) for row in rows]


def _telling(row: Row) -> Telling:
    return Telling(
        time=row["time"],
        kind=Kind(row["kind"]),
        data=row["data"],
        more=json.loads(row["more"] or "{}"),
        radio=Radio.from_json(row["radio"]),
    )
