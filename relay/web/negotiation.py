"""What a client prefers (RFC 9110 section 12.5)."""

import math
from collections.abc import Mapping


def parse_preferences(header: str) -> dict[str, float]:
    """Weights by name, in lower case, of a header such as `Accept`; parameters other than `q` are ignored."""
    ranges = (item.split(";") for item in header.lower().split(","))
    return {name.strip(): _weight(parameters) for name, *parameters in ranges if name.strip()}


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return _number(value)
    return 1.0


def _number(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return min(max(weight, 0.0), 1.0) if math.isfinite(weight) else 0.0


def prefers_json(accept: str) -> bool:
    """Whether JSON is named and weighs more than HTML; what accepts anything gets HTML."""
    weights = parse_preferences(accept)
    json = max(weights.get("application/json", 0.0), weights.get("application/problem+json", 0.0))
    return json > _html_weight(weights)


def _html_weight(weights: Mapping[str, float]) -> float:
    return max(weights.get("text/html", 0.0), weights.get("application/xhtml+xml", 0.0))
