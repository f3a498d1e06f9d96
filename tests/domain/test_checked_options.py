"""What an endpoint may be set to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.domain.checked_options import Part, SettingFault, check_options, check_settings
from relay.domain.endpoint_options import (
    ContentType,
    EndpointOptions,
    EndpointSettings,
    Format,
    Method,
    kinds_text,
    read_kinds,
)
from relay.domain.template import TemplateFault

URL = "https://hooks.example.com/a?id={device}"


def faults(**options: object) -> list[tuple[Part, str, str]]:
    return [(one.part, one.fault, one.what) for one in check_options(EndpointOptions(**options), URL)]


@given(
    options=st.builds(
        EndpointOptions, headers=st.lists(st.tuples(st.text(), st.text()), max_size=3).map(tuple)
    )
)
def test_options_survive_being_stored(options: EndpointOptions) -> None:
    assert EndpointOptions.from_json(options.to_json()) == options
    check_options(options, URL)


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("Host", "a", SettingFault.HEADER_RESERVED),
        ("CONTENT-LENGTH", "1", SettingFault.HEADER_RESERVED),
        ("transfer-encoding", "chunked", SettingFault.HEADER_RESERVED),
        ("Connection", "close", SettingFault.HEADER_RESERVED),
        ("Content-Type", "a/b", SettingFault.HEADER_RESERVED),
        ("webhook-id", "1", SettingFault.HEADER_RESERVED),
        ("Webhook-Anything", "1", SettingFault.HEADER_RESERVED),
        ("user-agent", "me", SettingFault.HEADER_RESERVED),
        ("Accept-Encoding", "gzip", SettingFault.HEADER_RESERVED),
        ("Proxy-Authorization", "x", SettingFault.HEADER_RESERVED),
        ("Expect", "100-continue", SettingFault.HEADER_RESERVED),
        ("X Y", "1", SettingFault.HEADER_NAME),
        ("", "1", SettingFault.HEADER_NAME),
        ("X:", "1", SettingFault.HEADER_NAME),
        ("Ž", "1", SettingFault.HEADER_NAME),
        ("X", "a\r\nb: c", SettingFault.HEADER_VALUE),
        ("X", "a\n", SettingFault.HEADER_VALUE),
        ("X", "\0", SettingFault.HEADER_VALUE),
        ("X", "ž", SettingFault.HEADER_VALUE),
        ("X", "a" * 1001, SettingFault.HEADER_VALUE),
    ],
)
def test_a_header_that_would_change_the_request_is_refused(
    name: str, value: str, fault: SettingFault
) -> None:
    assert faults(headers=((name, value),)) == [(Part.HEADERS, fault, name)]


def test_ordinary_headers_are_taken_but_not_twice_and_not_too_many() -> None:
    assert faults(headers=(("Authorization", "Basic YTpi"), ("X-Key", ""), ("X-Other", "a\tb c"))) == []
    assert faults(headers=(("X", "1"), ("x", "2"))) == [(Part.HEADERS, SettingFault.HEADER_TWICE, "x")]
    many = tuple((f"X-{number}", "1") for number in range(11))
    assert faults(headers=many) == [(Part.HEADERS, SettingFault.TOO_MANY_HEADERS, "10")]


def test_what_belongs_to_a_template_counts_for_nothing_else() -> None:
    wanted = {"method": Method.PUT, "content_type": ContentType.TEXT, "body_template": "{device}"}
    only = [
        (part, SettingFault.TEMPLATE_ONLY, "")
        for part in (Part.METHOD, Part.CONTENT_TYPE, Part.BODY_TEMPLATE)
    ]
    assert faults(format=Format.FULL, **wanted) == only
    assert faults(format=Format.TEMPLATE, **wanted) == []


def test_every_fault_of_a_template_is_told_at_once() -> None:
    options = EndpointOptions(format=Format.TEMPLATE, method=Method.GET, body_template="{nothing}")
    found = check_options(options, "https://a.example/{other}")
    assert [(one.part, one.fault, one.column) for one in found] == [
        (Part.URL, TemplateFault.UNKNOWN_VARIABLE, 19),
        (Part.BODY_TEMPLATE, SettingFault.GET_HAS_NO_BODY, None),
        (Part.BODY_TEMPLATE, TemplateFault.UNKNOWN_VARIABLE, 1),
    ]


def test_names_and_kinds_are_checked() -> None:
    def found(**settings: object) -> list[str]:
        return [one.fault for one in check_settings(EndpointSettings(**settings), URL)]

    assert found(name="Dům č. 5", kinds=("data", "status")) == []
    assert found(name="a" * 61, kinds=()) == [SettingFault.NAME_TOO_LONG, SettingFault.NO_KIND]
    assert found(name="a\nb", kinds=("batch",)) == [SettingFault.NAME_CHARACTERS, SettingFault.UNKNOWN_KIND]
    assert read_kinds(kinds_text(("status", "data", "status"))) == ("data", "status")
