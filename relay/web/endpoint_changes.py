"""What somebody asked an endpoint to be, read and checked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from relay.domain.checked_options import Fault, Part, SettingFault, check_settings, shown
from relay.domain.endpoint_options import ContentType, EndpointOptions, EndpointSettings, Format, Method
from relay.errors import RelayError


class SettingsRefused(RelayError):
    """Settings of an endpoint with all their `faults`; people are told by `fault_sentence`."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(", ".join(f"{fault.part}: {fault.fault}" for fault in faults))
        self.faults = faults


def changed_settings(before: EndpointSettings, given: Mapping[str, Any], url: str) -> EndpointSettings:
    """The settings with what was given: text, lists of text, or for `awaits_radio` a bool.

    What is absent or None stays. Headers are (name, value) pairs that replace all others; a value of None
    keeps the one that there was. Whoever leaves the format *template* leaves what belongs to it.

    Raises:
        SettingsRefused: With every fault.
    """
    wanted = {name: value for name, value in given.items() if value is not None}
    plain: dict[str, Any] = {name: wanted[name] for name in ("name", "awaits_radio") if name in wanted}
    if "kinds" in wanted:
        plain["kinds"] = tuple(kind.strip() for kind in wanted["kinds"])
    after = replace(before, **plain, options=_changed_options(before.options, wanted))
    if faults := [*check_settings(after, url), *_valueless(before.options, wanted)]:
        raise SettingsRefused(faults)
    return after


def _changed_options(before: EndpointOptions, wanted: Mapping[str, Any]) -> EndpointOptions:
    options = before
    if "format" in wanted:
        options = replace(options, format=Format(wanted["format"]))
    if options.format is not Format.TEMPLATE:
        options = EndpointOptions(format=options.format, headers=options.headers)
    if "method" in wanted:
        options = replace(options, method=Method(wanted["method"].upper()))
    if options.method is Method.GET and "body_template" not in wanted:
        options = replace(options, body_template="")
    if "content_type" in wanted:
        options = replace(options, content_type=ContentType(wanted["content_type"]))
    if "body_template" in wanted:
        options = replace(options, body_template=wanted["body_template"])
    return replace(options, headers=_headers(options, wanted)) if "headers" in wanted else options


def _headers(options: EndpointOptions, wanted: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    kept = {name.lower(): value for name, value in options.headers}
    pairs = []
    for name, value in wanted["headers"]:
        known = kept.get(name.strip().lower(), "") if value is None else value.strip(" \t")
        pairs.append((name.strip(), known))
    return tuple(pairs)


def _valueless(options: EndpointOptions, wanted: Mapping[str, Any]) -> Iterator[Fault]:
    """A value that nobody knows cannot be kept."""
    known = {name.lower() for name, _ in options.headers}
    for number, (name, value) in enumerate(wanted.get("headers", ()), start=1):
        if value is None and name.strip().lower() not in known:
            fault = SettingFault.HEADER_WITHOUT_VALUE
            yield Fault(part=Part.HEADERS, fault=fault, what=shown(name), header=number)
