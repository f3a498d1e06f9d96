"""Malformed and hostile requests: refused, or taken without what is junk; never anything else."""

import json
from typing import Any

import pytest
from msgspec import structs

from relay.backend_ingest.callback import parse_callback
from relay.backend_ingest.fields import read_fields
from relay.domain.uplink import Kind, Uplink
from relay.errors import CallbackError
from tests.backend_ingest.cases import body_of, lines, query_of


def concerns_fields(case: dict[str, Any]) -> bool:
    """Not the socket's, the route's, the guard's or the size limit's own cases."""
    return (
        case["method"] != "RAW"
        and case["path_query"].startswith("{INGEST}")
        and case["headers"].get("Authorization") == "{AUTH}"
        and "Content-Encoding" not in case["headers"]
        and case.get("status_in") != [413]
    )


CASES = [case for case in lines("bad_ingest.jsonl") if concerns_fields(case)]


def read(case: dict[str, Any]) -> Uplink:
    query = query_of(case["path_query"])
    fields = read_fields(case["method"], query, case["headers"].get("Content-Type"), body_of(case))
    return parse_callback(Kind.DATA, fields, 1_700_000_000.0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_bad_request_is_refused_and_an_odd_one_is_taken(case: dict[str, Any]) -> None:
    if case["expect_status_class"] == "2xx":
        stored = json.dumps(structs.asdict(read(case)), allow_nan=False)
        assert case.get("forwarded_must_not_contain", "\n") not in stored
    else:
        with pytest.raises(CallbackError):
            read(case)


def test_the_carried_cases_are_many() -> None:
    assert len(CASES) > 50
