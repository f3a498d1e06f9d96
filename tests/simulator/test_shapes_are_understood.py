"""The shapes against the relay's own reading of callbacks: two independent views of the same contract."""

import pytest

from relay.backend_ingest.batch import parse_batch
from relay.backend_ingest.callback import parse_callback
from relay.backend_ingest.fields import read_fields
from relay.backend_ingest.kinds import parse_notice
from relay.domain.uplink import Kind
from relay.simulator.services import KINDS, callback_of
from relay.simulator.shapes import TEMPLATES, data_callback
from tests.simulator.stand_in import make_message

MESSAGE = make_message()


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("data", ["", "1e24", "00000000000000000000000f"])
@pytest.mark.parametrize("ack", [None, False, True])
def test_the_relay_reads_the_message_from_each_template(name: str, data: str, ack: bool | None) -> None:
    request = data_callback(make_message(data=data, ack=ack), TEMPLATES[name])
    content_type = request.headers.get("Content-Type")
    fields = read_fields(request.method, request.query, content_type, request.body or b"")
    uplink = parse_callback(Kind.DATA, fields, 1.0)
    assert (uplink.device, uplink.device_text) == (0x1CB3, request.device_text)
    assert (uplink.time, uplink.data, uplink.seq_number) == (1_700_000_000, data, 42)
    assert uplink.ack is request.wants_downlink
    assert (uplink.rssi, uplink.snr) == ((-121.5, 12.3) if TEMPLATES[name].radio else (None, None))


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {Kind.DATA, Kind.BATCH}))
def test_every_other_kind_is_understood(kind: Kind) -> None:
    request = callback_of(kind, MESSAGE, TEMPLATES["json-strings"])
    content_type = request.headers["Content-Type"]
    fields = read_fields(request.method, request.query, content_type, request.body or b"")
    notice = parse_notice(kind, fields, 0.0)
    assert (notice.device, notice.time) == (MESSAGE.device, MESSAGE.time)
    assert notice.more


def test_a_batch_holds_the_message_once_more() -> None:
    request = callback_of(Kind.BATCH, MESSAGE, TEMPLATES["json-strings"])
    fields = read_fields(request.method, "", request.headers["Content-Type"], request.body or b"")
    (uplink,) = parse_batch(fields, 0.0).uplinks
    assert (uplink.device, uplink.data, uplink.seq_number) == (
        MESSAGE.device,
        MESSAGE.data,
        MESSAGE.seq_number,
    )
