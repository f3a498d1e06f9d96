"""Log lines: one a happening, whatever its facts are."""

import json
import logging

import pytest

from relay.domain.delivery import Cause
from relay.logs import JsonLines, TextLines

FACTS = {"cause": Cause.DNS, "count": 2, "nothing": None, "text": 'a"\n\x00ž', "where": ("::1", 80)}


def record(**facts: object) -> logging.LogRecord:
    made = logging.makeLogRecord(
        {"msg": "delivery.attempted", "levelno": 20, "levelname": "INFO", "created": 0.0}
    )
    made.__dict__.update(facts)
    return made


def test_a_line_of_json_has_the_happening_and_its_facts() -> None:
    line = JsonLines().format(record(**FACTS))
    assert "\n" not in line
    assert json.loads(line) == {
        "ts": "1970-01-01T00:00:00.000+00:00",
        "level": "info",
        "event": "delivery.attempted",
        "cause": "dns",
        "count": 2,
        "text": 'a"\n\x00ž',
        "where": ["::1", 80],
    }


@pytest.mark.parametrize("value", ["half \ud800", 2**80, {"half": "\udfff"}, {1: 2}])
def test_what_some_encoders_refuse_is_written_all_the_same(value: object) -> None:
    assert "what" in json.loads(JsonLines().format(record(what=value)))


def test_what_is_no_json_is_written_as_text() -> None:
    assert json.loads(JsonLines().format(record(what=OSError("gone"))))["what"] == "gone"


def test_a_line_for_people_is_one_line() -> None:
    line = TextLines().format(record(**FACTS))
    assert "\n" not in line
    assert line.endswith(
        'delivery.attempted cause="dns" count=2 text="a\\"\\n\\u0000\\u017e" where=["::1", 80]'
    )
