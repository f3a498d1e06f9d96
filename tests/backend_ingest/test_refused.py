"""Refused callbacks are kept for the operator, a few of them, without their secrets."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from relay.backend_ingest.refused import MOST_A_SECOND, MOST_REASONS, RefusedSample
from relay.errors import StoreUnavailable
from relay.store.driver import Steps
from relay.store.notices import Notices
from relay.store.refusals import MOST_KEPT, RefusedCallback
from tests.backend_ingest.door import SECRET, open_door
from tests.forwarder.conftest import Clock


def rows(database: Path, table: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(database)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]


async def test_a_refused_callback_can_be_looked_at(tmp_path: Path) -> None:
    async with open_door(tmp_path) as door:
        query = "device=1A2B3C4D&time=soon"
        await door.knock(
            "POST", query=query, body=f"x {SECRET}".encode(), headers={"Content-Type": "text/plain"}
        )
    (kept,) = rows(door.database, "refused_callbacks")
    assert (kept["known"], kept["status"], kept["address"]) == (1, 400, "127.0.0.1")
    assert kept["request_line"] == f"POST /sigfox/data?{query}"
    assert kept["headers"].splitlines()[1:] == [
        "Content-Type: text/plain",
        "Content-Length: 34",
        "Authorization: Bearer ***",
    ]
    assert kept["body"] == "x ***"
    (count,) = rows(door.database, "refusal_counts")
    assert (count["refusals"], count["reason"]) == (1, kept["reason"])


async def test_nothing_of_a_secret_is_kept(tmp_path: Path) -> None:
    nearly = SECRET[:-1]
    async with open_door(tmp_path) as door:
        for path in (
            f"/sigfox/data/{nearly}",
            f"/sigfox/{nearly}",
            f"/sigfox/{SECRET}",
            f"/sigfox/nokind/{SECRET}",
        ):
            assert 400 <= ((await door.knock(path=path, authorization=None)).status or 0) < 500
        for authorization in (f"Bearer {nearly}", nearly, f"Bearer x {SECRET}"):
            assert (await door.knock(authorization=authorization)).status == 401
        assert (await door.knock(query=f"device={SECRET}&secret={nearly}")).status == 400
    everything = door.database.read_bytes()
    assert len(rows(door.database, "refused_callbacks")) == 8
    assert nearly.encode() not in everything


async def test_a_flood_leaves_a_few_rows_and_a_count(tmp_path: Path) -> None:
    clock = Clock()
    async with open_door(tmp_path, clock) as door:
        for _ in range(60):
            await door.knock(authorization="Bearer guess")
        await door.knock(query="device=x")
    kept = rows(door.database, "refused_callbacks")
    assert [one["known"] for one in kept].count(0) == MOST_A_SECOND
    assert [one["known"] for one in kept].count(1) == 1
    assert {one["status"]: one["refusals"] for one in rows(door.database, "refusal_counts")} == {
        401: 60,
        400: 1,
    }


class Refusing:
    """A database that takes no writes."""

    notices = Notices()

    async def transact(self, steps: Steps[Any]) -> Any:
        raise StoreUnavailable("full")

    async def close(self) -> None:
        return None


def refused(reason: str = "x") -> RefusedCallback:
    return RefusedCallback(
        at_ms=0, known=True, address="", status=400, reason=reason, request_line="", headers="", body=""
    )


async def test_a_database_that_takes_no_writes_costs_the_sample_and_not_the_count(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sample = RefusedSample(driver=Refusing(), now=Clock())
    for _ in range(3):
        assert sample.wants(400, "x", True)
        sample.add(refused())
        await sample.write()
    assert sample._tally == {(400, "x"): 3}
    assert sample._sample == []
    assert caplog.records[0].message == "callback.refused_not_kept"


async def test_memory_is_bounded_whatever_comes() -> None:
    clock = Clock()
    sample = RefusedSample(driver=Refusing(), now=clock)
    for number in range(2000):
        clock.now += 1
        if sample.wants(400, str(number), bool(number % 2)):
            sample.add(refused())
    assert len(sample._sample) == 2 * MOST_KEPT
    assert len(sample._tally) == MOST_REASONS


async def test_when_nothing_was_refused_nothing_is_written() -> None:
    await RefusedSample(driver=Refusing(), now=Clock()).write()
