"""How a message was heard, as a value and as JSON."""

import json

import pytest

from relay.domain.radio import ComputedLocation, Radio, Reception, without_radio

FACTS = {
    "lqi": "GOOD",
    "linkQuality": 2,
    "operatorName": "SIGFOX_Italy_EIT_Smart",
    "countryCode": 380,
    "fixedLat": 43.5,
    "fixedLng": 1.4,
    "duplicates": [
        {"bsId": "27B9", "rssi": -138.0, "nbRep": 2},
        {"bsId": "1D44", "rssi": -121.5, "snr": 9.5},
    ],
    "computedLocation": {"lat": 44.2, "lng": 12.4, "radius": 11000.0, "source": 2, "placeIds": ["a"]},
}


def test_json_has_sigfoxs_names_and_comes_back_the_same() -> None:
    radio = Radio.of({**FACTS, "deviceTypeId": "x"})
    assert json.loads(radio.to_json()) == radio.facts() == FACTS
    assert Radio.from_json(radio.to_json()) == radio
    assert radio.duplicates[0] == Reception(bs_id="27B9", rssi=-138.0, nb_rep=2)
    assert (radio.best_rssi, radio.best_snr) == (-121.5, 9.5)


@pytest.mark.parametrize(
    "facts", [{}, {"computedLocation": None, "duplicates": [], "fixedLat": 0.0, "fixedLng": 0.0}]
)
def test_what_is_not_known_is_not_there(facts: dict[str, object]) -> None:
    radio = Radio.of(facts)
    assert radio == Radio() == Radio.from_json("") == Radio.from_json("{}")
    assert (radio.to_json(), radio.best_rssi, radio.best_snr) == ("{}", None, None)


def test_a_fixed_place_on_the_equator_is_one() -> None:
    assert Radio.of({"fixedLat": 0.0, "fixedLng": 9.4}).facts() == {"fixedLat": 0.0, "fixedLng": 9.4}


def test_two_callbacks_complete_each_other_and_the_first_one_counts() -> None:
    place = ComputedLocation(lat=1.0, lng=2.0)
    first = Radio(lqi="GOOD", duplicates=(Reception(bs_id="1"),))
    second = Radio(lqi="LIMIT", country_code=203, computed_location=place)
    assert first.filled_from(second) == Radio(
        lqi="GOOD", country_code=203, duplicates=(Reception(bs_id="1"),), computed_location=place
    )
    assert first.filled_from(first) == first


def test_the_rest_of_a_callback_stays_with_the_message() -> None:
    assert without_radio({**FACTS, "customData": {"a": 1}, "deviceTypeId": "x"}) == {
        "customData": {"a": 1},
        "deviceTypeId": "x",
    }
