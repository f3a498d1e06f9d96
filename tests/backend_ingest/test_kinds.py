"""Callbacks that bring no new uplink."""

import pytest

from relay.backend_ingest.kinds import Notice, parse_notice
from relay.domain.radio import Radio
from relay.domain.uplink import OWN_KINDS, Kind
from relay.errors import CallbackError

NOW = 1_700_000_500.0
NOTICES = [kind for kind in Kind if kind not in OWN_KINDS | {Kind.DATA, Kind.BATCH}]


def parse(kind: Kind, **fields: object) -> Notice:
    return parse_notice(kind, {"device": "1A2B3C", "time": "1700000000", **fields}, NOW)


@pytest.mark.parametrize("kind", NOTICES)
def test_every_kind_is_read_with_little_in_it(kind: Kind) -> None:
    notice = parse(kind)
    assert (notice.kind, notice.device, notice.time, dict(notice.more)) == (kind, 0x1A2B3C, 1700000000, {})


@pytest.mark.parametrize("kind", [kind for kind in NOTICES if kind is not Kind.EVENT])
def test_every_kind_but_event_needs_a_device(kind: Kind) -> None:
    with pytest.raises(CallbackError):
        parse(kind, device="")


def test_a_repeater_counts() -> None:
    counts = dict.fromkeys(
        ["whitelistDevices", "repeatedMsg", "unwantedDevices", "unwantedMsg", "wrongMsg", "overRegulMsg"],
        "15",
    )
    assert parse(Kind.REPEATER, batt="3.1", **counts).more == {"batt": 3.1, **dict.fromkeys(counts, 15)}


def test_an_acknowledgement_leaves_out_what_is_junk() -> None:
    notice = parse(
        Kind.ACKNOWLEDGE, infoCode="x", infoMessage="Acked", downlinkAck="maybe", downlinkOverusage=0
    )
    assert notice.more == {"infoMessage": "Acked", "downlinkOverusage": False}


def test_a_place_may_be_nested_and_wins_over_the_stations() -> None:
    nested = {"location": {"lat": "48.85", "lng": 2.35}, "accuracy": 1200}
    notice = parse(Kind.GEOLOC, lat="48", lng="2", geoloc=nested, geolocSource="2")
    assert notice.more == {"lat": 48.85, "lng": 2.35, "radius": 1200, "geolocSource": 2}


def test_data_advanced_tells_each_station_that_heard_the_message() -> None:
    heard = [
        {"bsId": "27B9", "rssi": "-138.0", "nbRep": "2"},
        {"bsId": 1234, "rssi": -120, "snr": 9.5},
        {"bsId": "1"},
        "junk",
    ]
    notice = parse(Kind.DATA_ADVANCED, data="0A", seqNumber=3, duplicates=heard, lqi="Good")
    assert (notice.rssi, notice.snr, notice.data, notice.seq_number) == (None, None, "0a", 3)
    assert (Radio.of(notice.more).best_rssi, Radio.of(notice.more).best_snr) == (-120.0, 9.5)
    assert notice.more["lqi"] == "GOOD"
    assert notice.more["duplicates"] == [
        {"bsId": "27B9", "nbRep": 2, "rssi": -138.0},
        {"bsId": "1234", "rssi": -120.0, "snr": 9.5},
        {"bsId": "1"},
    ]


@pytest.mark.parametrize(
    ("written", "lqi"),
    [("Good", "GOOD"), ("EXCELLENT", "EXCELLENT"), ("limit ", "LIMIT"), ("NA", "NA"), ("3", "EXCELLENT"),
     (0, "LIMIT"),
     ("N/A", None), ("", None), (None, None), (True, None)],
)  # fmt: skip
def test_the_link_quality_is_named_in_one_way(written: object, lqi: str | None) -> None:
    assert parse(Kind.DATA_ADVANCED, lqi=written).more.get("lqi") == lqi


def test_numbers_of_data_advanced_may_be_text() -> None:
    notice = parse(
        Kind.DATA_ADVANCED,
        linkQuality="0",
        countryCode="528",
        fixedLat="0.0",
        fixedLng="0.0",
        operatorName="N/A",
    )
    assert Radio.of(notice.more) == Radio(link_quality=0, country_code=528)


def test_a_level_of_its_own_is_the_messages() -> None:
    assert parse(Kind.DATA_ADVANCED, rssi="-100", duplicates=[{"rssi": -90}]).rssi == -100.0


def test_objects_in_quotes_are_read_as_json() -> None:
    notice = parse(
        Kind.DATA_ADVANCED,
        duplicates='[{"bsId": "27B9", "rssi": -138.0}]',
        computedLocation='{"lat": 44.1, "lng": 12.4, "source": 2, "status": 1, "placeIds": ["a"]}',
    )
    assert notice.more["duplicates"] == [{"bsId": "27B9", "rssi": -138.0}]
    assert notice.more["computedLocation"] == {
        "lat": 44.1, "lng": 12.4, "source": 2, "status": 1, "placeIds": ["a"],
    }  # fmt: skip


@pytest.mark.parametrize("nowhere", [{"status": 0}, {}, None, "junk", "[", [], {"lat": 1e999, "lng": 2}])
def test_a_location_that_could_not_be_computed_is_none(nowhere: object) -> None:
    assert parse(Kind.DATA_ADVANCED, computedLocation=nowhere).more == {"computedLocation": None}


@pytest.mark.parametrize(
    ("source_type", "source_id", "device"),
    [("DEVICE", "1a2b", 0x1A2B), ("Device", "1a2b", 0x1A2B), ("GROUP", "1a2b", None), (None, "1a2b", None),
     ("DEVICE", "5aa59d3d5005741b7de9aa50", None)],
)  # fmt: skip
def test_an_event_is_a_devices_when_its_source_is_one(
    source_type: object, source_id: object, device: int | None
) -> None:
    notice = parse(Kind.EVENT, device=None, sourceType=source_type, sourceId=source_id)
    assert (notice.device, notice.device_text) == (device, "" if device is None else source_id)


def test_an_event_may_name_its_device_and_have_an_id_of_its_own() -> None:
    assert parse(Kind.EVENT, id="77", sourceId="FF", sourceType="DEVICE").device == 0x1A2B3C


def test_an_event_is_that_of_the_device_it_informs_of() -> None:
    of_a_type = {"device": None, "sourceType": "DEVICE_TYPE", "sourceId": "5aa59d3d"}
    assert parse(Kind.EVENT, **of_a_type, deviceInfo={"id": "1a2b", "name": "x"}).device == 0x1A2B
    assert parse(Kind.EVENT, **of_a_type, deviceInfo={"id": "none"}).device is None


def test_an_event_of_a_contract_tells_its_cause_and_end() -> None:
    facts: dict[str, object] = {
        "deviceShortCause": "NO_TOKEN",
        "deviceCause": "no token is left",
        "networkOperatorId": "5aa59d3d",
        "businessOperatorId": "5aa59d3e",
    }
    ends = {"expectedSubscriptionDurationEndTime": "1700000000", "expectedTokenEndTime": 1700000000}
    assert parse(Kind.EVENT, **facts, **ends).more == {**facts, **dict.fromkeys(ends, 1700000000)}


def test_a_status_may_be_spelled_out() -> None:
    assert parse(Kind.STATUS, temperature="21.5", battery="3.27").more == {"temp": 21.5, "batt": 3.27}


def test_an_events_nested_facts_are_kept_without_what_json_cannot_say() -> None:
    notice = parse(
        Kind.EVENT, deviceInfo={"name": "x", "levels": [1, float("inf")]}, deviceLastSeqnumber="40"
    )
    assert notice.more == {"deviceInfo": {"name": "x", "levels": [1, None]}, "deviceLastSeqnumber": 40}


@pytest.mark.parametrize(
    ("written", "time"),
    [
        ("2023-11-14 22:13:20", 1700000000), ("2023-11-14T22:13:20Z", 1700000000),
        ("2023-11-14T23:13:20.5+01:00", 1700000000), ("20231114T221320Z", 1700000000),
        ("2023-11-14 22:13:20 UTC", 1700000000), (" 2023-11-14 22:13 ", 1_699_999_980),
        ("2023-11-14", 1_699_920_000), ("1700000000", 1700000000), (1700000000, 1700000000),
    ],
)  # fmt: skip
def test_the_time_of_an_event_may_be_a_date(written: object, time: int) -> None:
    notice = parse(Kind.EVENT, time=written)
    assert (notice.time, notice.time_given) == (time, True)


@pytest.mark.parametrize(
    "written",
    [
        "yesterday at noon", "14/11/2023 22:13", "1969-12-31 23:59:59", "9999-12-31T23:59:59Z", "\udc80",
        "{time}", "0001-01-01T00:00:00+23:00", "1700000000000", "0", -1, True, 1.5, [], {}, 10**400, "", None,
        "N/A",
    ],
)  # fmt: skip
def test_an_event_is_never_refused_for_its_time(written: object) -> None:
    notice = parse(Kind.EVENT, time=written, deviceMessageTime="2023-11-14 22:13:20")
    assert (notice.time, notice.time_given) == (int(NOW), False)
    assert notice.more == {"deviceMessageTime": "2023-11-14 22:13:20"}


@pytest.mark.parametrize("kind", [kind for kind in NOTICES if kind is not Kind.EVENT])
def test_the_time_of_every_other_kind_is_a_unix_time(kind: Kind) -> None:
    with pytest.raises(CallbackError, match="time"):
        parse(kind, time="2023-11-14 22:13:20")
