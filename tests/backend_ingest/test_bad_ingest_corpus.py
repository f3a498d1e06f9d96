"""Every malformed or hostile request of the carried cases, in order, at the door of the real program."""

import asyncio
import base64
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from relay import __version__
from tests.backend_ingest.cases import body_of, lines
from tests.journeys.receiver import Receiver
from tests.journeys.relay_program import RelayProgram
from tests.wire import Reply, exchange, request_bytes

DEVICE = "1A2B3C4D"
OWN_UA = f"sigfox-relay/{__version__}"

Case = dict[str, Any]


def is_stall(case: Case) -> bool:
    """Waits for the server's patience to end, and leaves nothing behind."""
    return "wait_s" in case


def filled(text: str, secret: str) -> str:
    """The text with its placeholders filled in."""
    auth = f"Bearer {secret}"
    values = {"INGEST": "/sigfox/data", "AUTH": auth, "AUTH_PREFIX": auth[:-1], "AUTH_UPPER": auth.upper()}
    for name, value in {**values, "SECRET": secret, "OWN_UA": OWN_UA}.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def bytes_of(case: Case, secret: str) -> bytes:
    """What goes over the wire."""
    if case["method"] == "RAW":
        raw = base64.b64decode(case["raw_b64"])
        return filled(raw.decode("latin-1"), secret).encode("latin-1")
    headers = {name: filled(value, secret) for name, value in case["headers"].items()}
    target = filled(case["path_query"], secret)
    return request_bytes(case["method"], target, headers, body_of(case), chunked=case.get("chunked", False))


@dataclass(slots=True)
class Corpus:
    """One run through the corpus: the door, what lies behind it, and what was answered so far."""

    relay: RelayProgram
    receiver: Receiver
    replies: dict[str, Reply] = field(default_factory=dict)

    async def send(self, case: Case) -> Reply:
        reply = await exchange(
            self.relay.port,
            bytes_of(case, self.relay.secret),
            half_close=case.get("half_close", False),
            within_seconds=case.get("wait_s", 20) - 1,
        )
        self.replies[case["name"]] = reply
        return reply

    async def judge(self, case: Case) -> None:
        """Send one line, and see that it is answered, stored and forwarded as it should be."""
        before = self.rows("uplinks"), self.rows("callbacks"), self.rows("deliveries")
        reply = await self.send(case)
        after = self.rows("uplinks"), self.rows("callbacks"), self.rows("deliveries")
        new_uplinks, new_callbacks, new_deliveries = (a - b for a, b in zip(after, before, strict=True))
        self.judge_answer(case, reply)
        assert new_uplinks == new_callbacks == new_deliveries
        if (stored := expected_rows(case)) is not None:
            assert new_uplinks == stored
        for _ in range(new_deliveries):
            judge_forwarded(case, (await self.receiver.arrival()).body)

    def judge_answer(self, case: Case, reply: Reply) -> None:
        if case["expect_status_class"] != "none":
            assert f"{(reply.status or 0) // 100}xx" == case["expect_status_class"], reply
        if "status_in" in case:
            assert reply.status in case["status_in"]
        if "same_answer_as" in case:
            assert reply.what_matters == self.replies[case["same_answer_as"]].what_matters
        if case.get("must_close") or is_stall(case):
            assert reply.closed

    def rows(self, table: str) -> int:
        with closing(sqlite3.connect(f"file:{self.relay.database}?mode=ro", uri=True)) as connection:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def expected_rows(case: Case) -> int | None:
    if case.get("expect_rows") is not None:
        return int(case["expect_rows"])
    return None if case["expect_stored"] is None else int(case["expect_stored"])


def judge_forwarded(case: Case, body: bytes) -> None:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} in {body!r}")

    message = json.loads(body, parse_constant=refuse)
    assert list(message) == ["snr", "device", "rssi", "time", "data"]
    assert int(message["device"], 16) == int(DEVICE, 16)
    assert case.get("forwarded_must_not_contain", "\n") not in body.decode()


async def test_the_corpus(tmp_path: Path, subtests: pytest.Subtests) -> None:
    cases = lines("bad_ingest.jsonl")
    async with RelayProgram(tmp_path).running() as relay, Receiver() as receiver:
        await relay.provision(DEVICE, webhook_url=receiver.url)
        corpus = Corpus(relay, receiver)
        stalls = {case["name"]: asyncio.create_task(corpus.send(case)) for case in cases if is_stall(case)}
        for case in cases:
            with subtests.test(case["name"]):
                if not is_stall(case):
                    await corpus.judge(case)
        rows = corpus.rows("uplinks")
        for case in filter(is_stall, cases):
            with subtests.test(case["name"]):
                corpus.judge_answer(case, await stalls[case["name"]])
        assert corpus.rows("uplinks") == rows
        assert not receiver.has_more
        assert await relay.stop() == 0, relay.faults
        assert relay.faults == []
        assert relay.has_logged(relay.secret, relay.secret_key, "/hook") == []
