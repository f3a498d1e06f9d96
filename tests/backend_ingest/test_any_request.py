"""Whatever is sent to the door: taken or refused, never a failure of ours; what is refused leaves no row."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from relay.domain.uplink import Kind
from tests.backend_ingest.door import SECRET, Door, Knock, open_door
from tests.wire import request_bytes

EXAMPLES = settings(suppress_health_check=[HealthCheck.too_slow])

NAMES = st.sampled_from(
    [
        "device",
        "id",
        "deviceId",
        "time",
        "data",
        "seqNumber",
        "ack",
        "rssi",
        "snr",
        "station",
        "batch",
        "duplicates",
    ]
)
LIKELY = st.sampled_from(
    ["1A2B3C4D", "0", "1700000000", "0102", "true", "null", "N/A", "-110.5", "1e999", "NaN", "4294967296"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | LIKELY | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=9), inner, max_size=5)
    ),
    max_leaves=20,
)
BODIES = (
    st.binary(max_size=200)
    | st.dictionaries(NAMES, JSON, max_size=8).map(json.dumps).map(str.encode)
    | st.lists(st.tuples(NAMES, LIKELY | st.text(max_size=20)), max_size=8).map(
        lambda pairs: "&".join(f"{name}={quote(value)}" for name, value in pairs).encode()
    )
)
CONTENT_TYPES = st.none() | st.sampled_from(
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json; charset=\udcff",
        "application/x-www-form-urlencoded",
        "text/plain",
        "text/plain; charset=iso-8859-1",
        "multipart/form-data; boundary=x",
        "application/vnd.x\udcff+json",
        ";;;",
    ]
)
QUERIES = st.lists(
    st.tuples(
        NAMES, LIKELY | st.binary(max_size=9).map(quote) | st.text(st.characters(codec="ascii"), max_size=9)
    ),
    max_size=7,
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))


@dataclass(frozen=True, slots=True)
class Here:
    """A relay and the loop that it runs in; it makes progress only while somebody waits for an answer."""

    runner: asyncio.Runner
    door: Door

    def send(self, request: bytes) -> Knock:
        return self.runner.run(self.door.send(request))


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        door = runner.run(stack.enter_async_context(open_door(tmp_path_factory.mktemp("door"))))
        yield Here(runner, door)
        runner.run(stack.aclose())


def judge(knock: Knock) -> None:
    assert knock.status is not None
    assert 200 <= knock.status < 300 or (400 <= knock.status < 500 and knock.kept == 0), knock


@EXAMPLES
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "HEAD"]),
    kind=st.sampled_from([*map(str, Kind)]),
    query=QUERIES,
    content_type=CONTENT_TYPES,
    body=BODIES,
)
@example("POST", "data", "device=1A2B&data=01", "application/json; x=\udcff", b'{"time":1700000000}')
@example("GET", "data", "device=1A2B&data=01&x=\udcff", None, b"")
@example("POST", "data", "", "a/b; x=\udcff", b"\0\xff")
def test_a_callback_is_taken_or_refused(
    here: Here, method: str, kind: str, query: str, content_type: str | None, body: bytes
) -> None:
    headers = {"Authorization": f"Bearer {SECRET}"} | ({"Content-Type": content_type} if content_type else {})
    judge(here.send(request_bytes(method, f"/sigfox/{kind}?{query}", headers, body)))


@EXAMPLES
@given(path=st.text(st.characters(codec="ascii"), max_size=20), authorization=st.text(max_size=40))
def test_a_stranger_is_refused(here: Here, path: str, authorization: str) -> None:
    knock = here.send(request_bytes("POST", f"/sigfox/{path}", {"Authorization": authorization}, b""))
    assert knock.kept == 0
    assert 400 <= (knock.status or 0) < 500
