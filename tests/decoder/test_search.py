"""Conditions on decoded values."""

import pytest

from relay.decoder import Value, parse_search
from relay.errors import SearchRefused

VALUES: dict[str, Value] = {
    "temperature": 25.5,
    "count": 3,
    "moving": True,
    "state": "Open door",
    "broken": None,
    "level": -1,
}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("temperature>25", True),
        ("Temperature > 25,4", True),
        ("temperature>=25.5 °C", True),
        ("temperature<25.5", False),
        ("temperature<=25.5", True),
        ("temperature!=25.5", False),
        ("temperature=25.50", True),
        ("temperature==25.5", True),
        ("temperature=warm", False),
        ("level=-1", True),
        ("count>2 moving=yes", True),
        ("count>2   moving=ne", False),
        ("moving=TRUE", True),
        ("moving!=no", True),
        ("moving=perhaps", False),
        ("moving>0", False),
        ("state=open DOOR", True),
        ("state=open door count=3", True),
        ("state!=closed", True),
        ("state>a", False),
        ("broken=1", False),
        ("broken!=1", False),
        ("absent=1", False),
    ],
)
def test_a_message_fits_when_all_conditions_hold(text: str, fits: bool) -> None:
    assert parse_search(text, [*VALUES, "absent"]).fits(VALUES) is fits


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("25", "Write a field, a sign and a value, such as temperature>25 or state=open."),
        (">25", "Write a field, a sign and a value"),
        ("warm temperature>25", "Write a field, a sign and a value"),
        ("temperature>", "Write a value behind `temperature>`."),
        ("temprature>25", "There is no field `temprature`; there are temperature, count"),
        (" ".join(["count=3"] * 6), "At most 5 conditions."),
    ],
)
def test_what_is_no_condition_is_refused_in_a_sentence(text: str, told: str) -> None:
    with pytest.raises(SearchRefused) as refused:
        parse_search(text, VALUES)
    assert str(refused.value).startswith(told)


def test_without_a_decoder_there_is_nothing_to_look_for() -> None:
    with pytest.raises(SearchRefused, match="not decoded"):
        parse_search("temperature>25", [])
