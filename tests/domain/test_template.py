"""Templates: what is refused, and that no value breaks what is around it."""

import json
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.template import Language, TemplateFault, parse_template, parse_url_template
from relay.domain.variables import VARIABLES, value_of
from relay.errors import TemplateRefused
from tests.domain.messages import LITTLE_KNOWN, MESSAGE

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


def filled(text: str, language: Language = Language.TEXT) -> str:
    return parse_template(text, language).render(lambda name: value_of(name, MESSAGE))


@given(value=VALUES)
def test_json_with_any_value_in_any_place_is_json(value: object) -> None:
    text = '{"in": "a{device}b", "{time}": {data}, "list": [{rssi}, "{snr}"], "o": {"x": {lqi}}}'
    parsed = json.loads(parse_template(text, Language.JSON).render(lambda _: value))
    assert parsed["list"][0] == parsed["o"]["x"] == value
    assert set(parsed) >= {"in", "list", "o"}
    if isinstance(value, str):
        assert parsed["in"] == f"a{value}b"


@given(value=VALUES)
def test_a_url_with_any_value_in_any_place_keeps_its_host_and_its_keys(value: object) -> None:
    text = "https://a.example:8443/{data}/x{device}?id={device}&{time}=1&n={snr}&end"
    url = parse_url_template(text).render(lambda _: value)
    split = urlsplit(url)
    assert (split.scheme, split.netloc, split.fragment) == ("https", "a.example:8443", "")
    assert (split.path.count("/"), split.query.count("&"), split.query.count("=")) == (2, 3, 3)
    assert url.isascii()


@given(value=TEXTS)
def test_a_form_with_any_value_decodes_back(value: str) -> None:
    form = parse_template("a={device}&b=x{data}&c=", Language.FORM).render(lambda _: value)
    assert parse_qsl(form, keep_blank_values=True) == [("a", value), ("b", "x" + value), ("c", "")]


@given(text=st.text(st.sampled_from('{}"\\[]:,ae1 device')), language=st.sampled_from(Language))
def test_any_text_is_refused_with_its_column_or_can_be_filled_in(text: str, language: Language) -> None:
    template, column = None, 1
    try:
        template = parse_template(text, language)
    except TemplateRefused as refused:
        column = refused.column
    assert 1 <= column <= len(text) + 1
    rendered = template.render(lambda name: value_of(name, MESSAGE)) if template else "{}"
    if language is Language.JSON:
        json.loads(rendered)


def test_every_variable_has_a_value_that_json_can_say() -> None:
    for name in VARIABLES:
        for facts in (MESSAGE, LITTLE_KNOWN):
            json.dumps(value_of(name, facts))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{device} {time} {data}", "1A2B3C 1700000000 0f09"),
        ("{snr} {signal} {avgSnr} {avgSignal} {rssi}", "14.99 14.99 12.5 12.5 -136.0"),
        ("{station} {lat} {lng} {duplicate} {ack} {seqNumber} {lqi}", "0E3A 50.0 14.0 true true 4095 GOOD"),
        ("{customData#temperature} {customData#t} {customData#none}.", "21.5 5 ."),
        ("{deviceTypeId}|{kind}|{receivedAt}", "|data|2023-11-14T22:13:23.250Z"),
        ("a { b } {{device}}", "a { b } {1A2B3C}"),
    ],
)
def test_variables_stand_for_what_sigfox_says(text: str, expected: str) -> None:
    assert filled(text) == expected


@pytest.mark.parametrize(
    ("language", "text", "fault", "column"),
    [
        (Language.JSON, '{"a": "{devic}"}', TemplateFault.UNKNOWN_VARIABLE, 8),
        (Language.JSON, '{"a": {rssi}', TemplateFault.NOT_JSON, 13),
        (Language.JSON, '{"a": -{rssi}}', TemplateFault.NOT_JSON, 7),
        (Language.JSON, '{"a": {rssi}{snr}}', TemplateFault.NOT_JSON, 13),
        (Language.JSON, "{{device}: 1}", TemplateFault.NOT_JSON, 2),
        (Language.JSON, '{"a": "\\{data}"}', TemplateFault.NOT_JSON, 8),
        (Language.JSON, '{"a": "\\u{data}"}', TemplateFault.NOT_JSON, 9),
        (Language.JSON, '{"a": "}"}', TemplateFault.BRACE, 8),
        (Language.JSON, '{"a": "{"}', TemplateFault.BRACE, 8),
        (Language.JSON, '{"a": NaN}', TemplateFault.NOT_JSON, 1),
        (Language.JSON, "[" * 8000, TemplateFault.NOT_JSON, 1),
        (Language.FORM, "a={device&b=1", TemplateFault.BRACE, 3),
        (Language.FORM, "a=device}", TemplateFault.BRACE, 9),
        (Language.TEXT, "{device", TemplateFault.BRACE, 1),
        (Language.TEXT, "a\0", TemplateFault.CHARACTERS, 2),
        (Language.TEXT, "a" * 8193, TemplateFault.TOO_LONG, 8193),
        (Language.TEXT, "{customData#}", TemplateFault.UNKNOWN_VARIABLE, 1),
    ],
)
def test_a_wrong_template_is_refused_where_it_is_wrong(
    language: Language, text: str, fault: TemplateFault, column: int
) -> None:
    with pytest.raises(TemplateRefused) as refused:
        parse_template(text, language)
    assert (refused.value.fault, refused.value.column) == (fault, column)


@pytest.mark.parametrize(
    ("text", "column"),
    [("https://{device}.example/", 9), ("{kind}://a.example/", 1), ("https://a.example:{time}/", 19)],
)
def test_scheme_and_host_are_literal(text: str, column: int) -> None:
    with pytest.raises(TemplateRefused) as refused:
        parse_url_template(text)
    assert (refused.value.fault, refused.value.column) == (TemplateFault.HOST, column)
