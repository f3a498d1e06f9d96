"""The callbacks as they are typed at Sigfox: the relay reads them, and the document says the same."""

import json
import re
from pathlib import Path

import pytest

from relay.backend_ingest.batch import parse_batch
from relay.backend_ingest.callback import parse_callback
from relay.backend_ingest.fields import read_fields
from relay.backend_ingest.kinds import parse_notice
from relay.domain.callback_forms import CallbackForm, callback_forms
from relay.domain.line_pattern import DEFAULT_PATTERN
from relay.domain.uplink import OWN_KINDS, Kind

DOCUMENT = Path(__file__).parents[2] / "docs" / "sigfox-setup.md"
FORMS = callback_forms("https://relay.example.org/", "SECRET", str(DEFAULT_PATTERN))
SAMPLES = {
    "device": "1A2B3C",
    "data": "0a",
    "duplicates": '[{"bsId": "27B9", "rssi": -138.0, "nbRep": 2}]',
    "computedLocation": '{"lat": 44.2, "lng": 12.4, "radius": 900, "source": 2, "status": 1}',
    "sourceId": "1A2B3C",
    "sourceType": "DEVICE",
}
each_form = pytest.mark.parametrize(
    "form", FORMS, ids=lambda form: f"{form.type}-{form.subtype}-{form.channel}"
)


def filled(template: str) -> str:
    """As Sigfox sends it."""
    return re.sub(r"\{(\w+)\}", lambda variable: SAMPLES.get(variable[1], "15"), template)


def test_there_is_a_form_for_each_kind() -> None:
    assert {form.kind for form in FORMS} == set(Kind) - OWN_KINDS
    assert len({form.url for form in FORMS}) == len(FORMS) - 1  # UPLINK and BIDIR share one


@each_form
def test_the_relay_reads_what_comes_of_it(form: CallbackForm) -> None:
    if form.kind is Kind.BATCH:
        fields = {"batch": filled(form.line_pattern)}
        assert parse_batch(fields, 0.0).uplinks[0].device == 0x1A2B3C
        return
    fields = read_fields(form.method, "", form.content_type, filled(form.body).encode())
    parse = parse_callback if form.kind is Kind.DATA else parse_notice
    assert parse(form.kind, fields, 0.0).device == 0x1A2B3C
    assert fields.keys() == set(re.findall(r"\{(\w+)\}", form.body))


@each_form
def test_a_body_with_variables_that_have_no_value_is_still_json(form: CallbackForm) -> None:
    if form.body:
        json.loads(re.sub(r'"\{\w+\}"', '""', re.sub(r": \{\w+\}", ": {}", form.body)))


def test_the_api_takes_the_codes_and_the_template() -> None:
    bodies = {(form.subtype or form.type, form.channel): form.api_body() for form in FORMS}
    bidir = bodies["BIDIR", "URL"]
    assert bidir is not None
    assert (bidir["callbackType"], bidir["callbackSubtype"], bidir["httpMethod"]) == (0, 3, "POST")
    assert (bidir["url"], bidir["sendSni"]) == ("https://relay.example.org/sigfox/data", True)
    assert bidir["headers"] == {"Authorization": "Bearer SECRET"}
    error, batch = bodies["ERROR", "URL"], bodies["UPLINK", "BATCH_URL"]
    assert "callbackSubtype" not in (error or {"callbackSubtype": "there is no body"})
    assert (batch or {})["linePattern"] == str(DEFAULT_PATTERN)
    assert bodies["EVENT", "URL"] is None


def test_a_parameter_with_signs_is_encoded() -> None:
    (batch,) = [
        form for form in callback_forms("http://x", "S", "{device}", "my lot") if form.kind is Kind.BATCH
    ]
    assert batch.url == "http://x/sigfox/batch?my%20lot={batch}"


@each_form
def test_the_document_says_the_same(form: CallbackForm) -> None:
    document = DOCUMENT.read_text()
    assert form.url in document
    assert form.body in document
    assert form.line_pattern in document
