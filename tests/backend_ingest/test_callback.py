"""What refuses a data callback, and what only makes a field absent."""

import pytest

from relay.backend_ingest.callback import parse_callback
from relay.backend_ingest.names import merge
from relay.domain.uplink import Kind, Uplink
from relay.errors import CallbackError

NOW = 1_700_000_500.9


def parse(**fields: object) -> Uplink:
    given = {"device": "1A2B3C", "time": 1700000000, "data": "0a", **fields}
    return parse_callback(Kind.DATA, merge(given.items()), NOW)


@pytest.mark.parametrize("name", ["device", "deviceId", "id", "deviceID", "device_id", "DEVICE"])
def test_a_device_goes_by_several_names(name: str) -> None:
    assert parse_callback(Kind.DATA, merge([(name, "1a2b3c")]), NOW).device == 0x1A2B3C


@pytest.mark.parametrize("spelling", ["1e24", "00000000", "FFFFFFFF", "2203961"])
def test_a_device_is_never_read_as_a_decimal_number(spelling: str) -> None:
    uplink = parse(device=spelling)
    assert (uplink.device, uplink.device_text) == (int(spelling, 16), spelling)


def test_an_unquoted_device_of_digits_only_is_taken_by_its_digits() -> None:
    uplink = parse(device=2203961, data=102030)
    assert (uplink.device, uplink.device_text, uplink.data) == (0x2203961, "2203961", "102030")


@pytest.mark.parametrize(
    "junk",
    [True, 1.5, 1e24, [], ["1A"], {}, -5, "", None, "null", "0x1A", "1A_2", " 1A", "1A\n", "123456789", "١"],
)
def test_a_device_that_is_none_is_refused(junk: object) -> None:
    with pytest.raises(CallbackError, match="device"):
        parse(device=junk)


def test_two_names_must_give_one_device() -> None:
    assert parse(device="1a2b3c", deviceId="001A2B3C", id="1A2B3C").device_text == "1a2b3c"
    with pytest.raises(CallbackError):
        parse(id="1A2B3D")
    with pytest.raises(CallbackError):
        parse(Device="1A2B3D")


def test_an_id_that_is_no_device_id_may_stand_beside_the_device() -> None:
    assert parse(id="630ceaea10d051194ec0246e").device == 0x1A2B3C


@pytest.mark.parametrize("time", [1, "1", 2**32 - 1, "1500000000", 1500000000])
def test_a_time_is_whole_seconds_as_number_or_text(time: int | str) -> None:
    uplink = parse(time=time)
    assert (uplink.time, uplink.time_given) == (int(time), True)


@pytest.mark.parametrize(
    "junk",
    [
        0, -5, True, False, 1.5, 1700000000.0, [], {}, 2**32, 2**53 + 1, 10**400, 1700000000000,
        "1700000000000", "0", "-1", "+1700000000",
        "17e8", "NaN", "Infinity", "1_7", " 1700000000", "0x1", "١٧٠", "{time}", float("inf"),
    ],
)  # fmt: skip
def test_a_time_that_is_junk_refuses_the_callback(junk: object) -> None:
    with pytest.raises(CallbackError, match="time"):
        parse(time=junk)


@pytest.mark.parametrize("nothing", [None, "", "null", "N/A"])
def test_without_a_time_the_time_of_receipt_stands_in(nothing: object) -> None:
    uplink = parse(time=nothing)
    assert (uplink.time, uplink.time_given) == (1_700_000_500, False)


@pytest.mark.parametrize(
    ("given", "time"),
    [("1700000000", 1700000000), ("2023-11-14T22:13:20Z", 1_700_000_500), (1700000000000, 1_700_000_500)],
)
def test_a_timestamp_is_a_time_only_when_it_reads_as_one(given: object, time: int) -> None:
    assert parse_callback(Kind.DATA, {"device": "1A", "timestamp": given}, NOW).time == time


@pytest.mark.parametrize(
    ("given", "data"),
    [
        ("1e24", "1e24"), ("0A0b", "0a0b"), ("", ""), (None, ""), ("null", ""), ("00" * 12, "00" * 12),
        ("0", "00"), ("1", "01"), (0, "00"), (1234, "1234"),
    ],
)  # fmt: skip
def test_data_is_hex_and_stays_hex(given: object, data: str) -> None:
    assert parse(data=given).data == data


@pytest.mark.parametrize(
    "junk",
    ["zz", "012", "2", "0a 0b", " ", "0x0a", "00" * 13, "hello world", True, 1.5, [1], {"a": 1}, -12, "٠٠"],
)
def test_data_that_is_junk_refuses_the_callback(junk: object) -> None:
    with pytest.raises(CallbackError, match="data"):
        parse(data=junk)


def test_a_payload_is_the_data_when_there_is_no_other() -> None:
    assert parse(data="", payload="0B").data == "0b"
    assert parse(data="", payload={"temperature": 20}).data == ""


@pytest.mark.parametrize("number", [0, 4095, "4096", 2**32 - 1])
def test_a_sequence_number_is_an_integer(number: int | str) -> None:
    assert parse(seqNumber=number).seq_number == int(number)


@pytest.mark.parametrize("junk", [None, "", "N/A", True, 1.5, "1.5", [], {}, "abc", "{seqNumber}"])
def test_a_sequence_number_that_is_no_integer_is_absent(junk: object) -> None:
    assert parse(seqNumber=junk).seq_number is None


@pytest.mark.parametrize("number", [-1, "-1", 2**32, "9" * 30, 10**400])
def test_a_sequence_number_out_of_range_refuses_the_callback(number: object) -> None:
    with pytest.raises(CallbackError, match="seqNumber"):
        parse(seqNumber=number)


@pytest.mark.parametrize(
    "junk", ["NaN", "abc", "null", "N/A", "", None, True, [], {}, float("nan"), float("inf"), 10**400]
)
def test_junk_in_a_radio_field_makes_it_absent(junk: object) -> None:
    uplink = parse(rssi=junk, snr=junk, avgSnr=junk, lat=junk)
    assert (uplink.rssi, uplink.snr, dict(uplink.more)) == (None, None, {})


def test_older_names_give_the_same_fields() -> None:
    uplink = parse(signal="12.5", avgSignal="19.75", seq="7")
    assert (uplink.snr, uplink.more["avgSnr"], uplink.seq_number) == (12.5, 19.75, 7)
    assert parse(snr=1, signal=2).snr == 1.0


@pytest.mark.parametrize(
    ("given", "ack"),
    [(True, True), ("true", True), ("TRUE", True), (1, True), ("1", True), (False, False), ("false", False),
     (0, False), (None, False), ("maybe", False), (2, False), ([], False)],
)  # fmt: skip
def test_an_ack_is_true_only_when_it_says_so(given: object, ack: bool) -> None:
    assert parse(ack=given).ack is ack


def test_a_station_is_text_and_never_a_number() -> None:
    assert [parse(station=given).station for given in ("1E44", "0AF0", 2406, "", True, [1])] == [
        "1E44", "0AF0", "2406", None, None, None,
    ]  # fmt: skip


def test_what_sigfox_decoded_is_kept_with_plain_numbers_as_numbers() -> None:
    fields: dict[str, object] = {
        "customData#int": "37",
        "customData#float": "-21.50",
        "customData#small": "1.5E-4",
        "customData#hex": "1e24",
        "customData#zeros": "007",
        "customData#text": "on",
        "customData#none": "null",
        "customData#": "x",
        "customData#yes": True,
        "customData#A": 1,
        "customData#a": 2.5,
        "customData#list": [1],
        "customData": {"nested": "4"},
        "customData#huge": "9" * 30,
    }
    assert parse(**fields).more["customData"] == {
        "int": 37,
        "float": -21.5,
        "small": 0.00015,
        "hex": "1e24",
        "zeros": "007",
        "text": "on",
        "yes": True,
        "A": 1,
        "a": 2.5,
        "nested": 4,
        "huge": "9" * 30,
    }


def test_the_same_field_in_two_spellings_must_agree() -> None:
    assert parse(seqNumber=7, seq_number="7").seq_number == 7
    with pytest.raises(CallbackError):
        parse(seqNumber=7, seq_number=8)


@pytest.mark.parametrize(
    ("nested", "expected"),
    [
        ({"reception": [{"id": "0AF0", "RSSI": -131.0, "SNR": 12.3}]}, (-131.0, 12.3, "0AF0")),
        ({"rinfos": [{"rssi": "-140"}, {"rssi": "-99.5", "station": "1D44"}, 5]}, (-99.5, None, "1D44")),
        ({"radio": {"Rssi": -120, "Station": "E4BE"}, "snr": 3}, (-120.0, 3.0, "E4BE")),
        ({"radio": {"rssi": -120}, "rssi": "-80"}, (-80.0, None, None)),
        ({"radio": {"rssi": {}, "snr": [], "RSSI": "x"}, "x": [[], None]}, (None, None, None)),
        ({"customData": {"rssi": 5}}, (None, None, None)),
    ],
)
def test_a_signal_that_a_template_nests_is_lifted_out(
    nested: dict[str, object], expected: tuple[object, ...]
) -> None:
    uplink = parse_callback(Kind.DATA, {"device": "1A2B3C", "data": "00", **nested}, 0.0)
    assert (uplink.rssi, uplink.snr, uplink.station) == expected
