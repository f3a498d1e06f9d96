"""Whatever somebody sends: a value or a `CallbackError`, nothing else."""

import json
from collections.abc import Callable
from functools import partial

from hypothesis import example, given
from hypothesis import strategies as st
from msgspec import structs

from relay.backend_ingest.batch import parse_batch
from relay.backend_ingest.callback import parse_callback
from relay.backend_ingest.fields import read_fields
from relay.backend_ingest.kinds import Notice, parse_notice
from relay.domain.line_pattern import LinePattern
from relay.domain.uplink import OWN_KINDS, Kind, Uplink
from relay.errors import CallbackError, GrammarError

NOW = 1_700_000_000.0
NAMES = [
    "device", "deviceId", "id", "time", "timestamp", "data", "payload", "seqNumber", "rssi", "snr", "station",
    "ack", "lat", "customData#x", "customData", "duplicates", "computedLocation", "geoloc", "lqi", "infoCode",
    "deviceInfo", "sourceId", "sourceType", "batch", "unknown",
]  # fmt: skip
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    | st.sampled_from(["1A2B3C", "1700000000", "0a0b", "N/A", "true", "-1e999", "DEVICE", "[{}]", 10**4000])
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(), inner, max_size=4)
    ),
    max_leaves=8,
)
FIELDS = st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), VALUES, max_size=8).map(
    lambda fields: {"device": "1A2B3C", **fields}
)
CONTENT_TYPES = (
    st.none()
    | st.text()
    | st.sampled_from(
        [
            "application/json",
            "application/x-www-form-urlencoded",
            "text/plain",
            "a/b+json; charset=utf-8",
            ";;=;charset",
        ]
    )
)


def attempt(parse: Callable[[], Uplink | Notice]) -> None:
    try:
        value = parse()
    except CallbackError:
        return
    json.dumps(structs.asdict(value), allow_nan=False)


@given(
    st.sampled_from(["GET", "POST", "PUT", ""]),
    st.text(),
    CONTENT_TYPES,
    st.binary() | st.text().map(str.encode),
)
@example("POST", "", "text/plain", b"device:\xc2\xa0=>=")
def test_any_bytes_are_read_or_refused(
    method: str, query: str, content_type: str | None, body: bytes
) -> None:
    try:
        fields = read_fields(method, query, content_type, body)
    except CallbackError:
        return
    attempt(partial(parse_callback, Kind.DATA, fields, NOW))


@given(FIELDS)
def test_any_fields_are_parsed_or_refused(fields: dict[str, object]) -> None:
    attempt(partial(parse_callback, Kind.DATA, fields, NOW))
    for kind in set(Kind) - OWN_KINDS:
        attempt(partial(parse_notice, kind, fields, NOW))


@given(VALUES)
def test_any_json_is_read_or_refused(value: object) -> None:
    try:
        body = json.dumps(value).encode()
    except ValueError:
        return
    for content_type in ("application/json", "text/plain", None):
        try:
            fields = read_fields("POST", "device=1A", content_type, body)
        except CallbackError:
            continue
        attempt(partial(parse_notice, Kind.EVENT, fields, NOW))


@given(st.text(), st.sampled_from(["{device}", "{device};{time};", "x{device},{a}y"]) | st.text())
def test_any_batch_by_any_pattern_is_read_or_refused(lines: str, pattern: str) -> None:
    try:
        parse_batch({"batch": lines}, NOW, LinePattern.parse(pattern))
    except (CallbackError, GrammarError):
        return


@given(
    device=st.from_regex(r"[0-9A-Fa-f]{1,8}", fullmatch=True),
    time=st.integers(1, 2**32 - 1),
    data=st.binary(max_size=12),
    seq_number=st.none() | st.integers(0, 4095),
    rssi=st.none() | st.integers(-200, 20).map(lambda level: level / 4),
)
def test_a_message_parses_equal_by_query_form_json_and_text(
    device: str, time: int, data: bytes, seq_number: int | None, rssi: float | None
) -> None:
    facts = {"device": device, "time": time, "data": data.hex(), "seqNumber": seq_number, "rssi": rssi}
    written = {name: "null" if value is None else str(value) for name, value in facts.items()}
    query = "&".join(f"{name}={value}" for name, value in written.items())
    text = "\n".join(f"{name} => {value}" for name, value in written.items())
    ways = [
        read_fields("GET", query, None, b""),
        read_fields("POST", "", "application/x-www-form-urlencoded", query.encode()),
        read_fields("POST", "", "application/json", json.dumps(facts).encode()),
        read_fields("POST", "", "application/json", json.dumps(written).encode()),
        read_fields("POST", query, "application/json", json.dumps(facts).encode()),
        read_fields("POST", "", "text/plain", text.encode()),
    ]
    expected = Uplink(
        device=int(device, 16),
        device_text=device,
        time=time,
        data=data.hex(),
        seq_number=seq_number,
        rssi=rssi,
    )
    assert [parse_callback(Kind.DATA, fields, NOW) for fields in ways] == [expected] * len(ways)
