import dataclasses

import pytest

from relay.simulator.fleet import (
    GRAMMARS,
    Payload,
    SimulatedDevice,
    Traffic,
    make_device_ids,
    make_fleet,
    transmissions,
)
from relay.simulator.shapes import TEMPLATES

TRAFFIC = Traffic(messages=200, start_seconds=1_700_000_000, downlink_share=0.3, duplicate_share=0.1)


def a_fleet(count: int = 20, seed: int = 7) -> tuple[SimulatedDevice, ...]:
    return make_fleet(make_device_ids(count, seed), seed)


def test_the_same_seed_gives_the_same_traffic() -> None:
    assert list(transmissions(a_fleet(), TRAFFIC, 7)) == list(transmissions(a_fleet(), TRAFFIC, 7))


def test_another_seed_gives_other_traffic() -> None:
    assert list(transmissions(a_fleet(), TRAFFIC, 7)) != list(transmissions(a_fleet(), TRAFFIC, 8))
    assert make_device_ids(20, 7) != make_device_ids(20, 8)


def test_a_device_is_the_same_in_a_larger_fleet_of_the_same_order() -> None:
    assert make_fleet((1, 2), 7) == make_fleet((1, 2, 3), 7)[:2]


def test_device_ids_are_distinct() -> None:
    assert len(set(make_device_ids(5000, 3))) == 5000


def test_a_sequence_number_wraps_after_4095() -> None:
    device = dataclasses.replace(a_fleet(1)[0], first_seq_number=4094)
    sent = transmissions([device], dataclasses.replace(TRAFFIC, messages=4), 1)
    assert [one.message.seq_number for one in sent] == [4094, 4095, 0, 1]


def test_payloads_have_at_most_twelve_bytes() -> None:
    for one in transmissions(a_fleet(), TRAFFIC, 7):
        assert len(bytes.fromhex(one.message.data)) <= 12


def test_radio_figures_are_plausible_and_have_two_decimals() -> None:
    for one in transmissions(a_fleet(), TRAFFIC, 7):
        assert -140 < one.message.rssi < -90
        assert 0 < one.message.snr < 40
        assert one.message.rssi == round(one.message.rssi, 2)


def test_all_payloads_and_templates_occur() -> None:
    fleet = a_fleet(len(TEMPLATES))
    assert {device.payload for device in fleet} == set(Payload) == set(GRAMMARS)
    assert {device.template for device in fleet} == set(TEMPLATES.values())


def test_a_climate_payload_reads_back() -> None:
    device = dataclasses.replace(a_fleet(1)[0], payload=Payload.CLIMATE, temperature_tenths=-105)
    sent = next(transmissions([device], TRAFFIC, 1))
    payload = bytes.fromhex(sent.message.data)
    assert len(payload) == 5
    assert -113 <= int.from_bytes(payload[:2], "big", signed=True) <= -97
    assert 30 <= payload[2] <= 70


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_shares_are_kept(share: float) -> None:
    traffic = Traffic(messages=1000, start_seconds=0, downlink_share=share, duplicate_share=share)
    sent = list(transmissions(a_fleet(), traffic, 5))
    assert sum(bool(one.message.ack) for one in sent) / 1000 == pytest.approx(share, abs=0.06)
    assert sum(one.twice for one in sent) / 1000 == pytest.approx(share, abs=0.06)


def test_without_downlinks_the_callbacks_are_plain_uplinks() -> None:
    traffic = Traffic(messages=10, start_seconds=0)
    assert {one.message.ack for one in transmissions(a_fleet(), traffic, 5)} == {None}


def test_time_runs_at_the_rate() -> None:
    traffic = Traffic(messages=6, start_seconds=100, rate_per_second=2)
    assert [one.message.time for one in transmissions(a_fleet(), traffic, 5)] == [
        100,
        100,
        101,
        101,
        102,
        102,
    ]
