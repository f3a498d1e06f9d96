"""Each hostile or careless form of the corpus, posted to the running pages."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from relay.domain.tries import DEVICE_LIMIT
from tests.pages import DEVICE, EMAIL, FIELDS, OTHER_TOKEN, PUBLIC_URL, TOKEN, Pages, serve_pages

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent.parent / "cases" / "bad_form.jsonl").read_text().splitlines()
]
BEFORE = "https://before.example.com/"
PLACES = {
    "{FORM}": "/form",
    "{FORM_DELETE}": "/form/delete",
    "{DEV}": DEVICE,
    "{DEV_LOWER}": DEVICE.lower(),
    "{TOKEN}": TOKEN,
    "{TOKEN_OTHER}": OTHER_TOKEN,
    "{TOKEN_PREFIX}": TOKEN[:5],
    "{EMAIL}": EMAIL,
    "{EMAIL_UPPER}": EMAIL.upper(),
    "{PUBLIC_BASE}": PUBLIC_URL,
    "{PUBLIC_DOMAIN}": "relay.example.org",
}


def fill(text: str, turn: int = 0) -> str:
    """The text with its places filled in; `turn` counts the repeats of a case from 1."""
    for place, value in PLACES.items():
        text = text.replace(place, value)
    return text.replace("{i:08X}", f"{turn:08X}").replace("{i}", str(turn))


def body_of(case: dict[str, Any], turn: int = 0) -> bytes:
    if "body_b64" in case:
        return fill(base64.b64decode(case["body_b64"]).decode()).encode()
    if "body_fill" in case:
        given = case["body_fill"]
        return (given["prefix"] + given["char"] * given["count"]).encode()
    return urlencode(fields_of(case, turn)).encode()


def fields_of(case: dict[str, Any], turn: int = 0) -> list[tuple[str, str]]:
    fields = [(name, fill(value, turn)) for name, value in case["fields"]]
    if case["name"] == "wrong_token":
        fields = [(name, "wrong" if name == "token" else value) for name, value in fields]
    return fields


async def send(pages: Pages, case: dict[str, Any], turn: int = 0) -> tuple[int, str]:
    headers = {name: fill(value, turn) for name, value in case["headers"].items()}
    if "client_ip_pattern" in case["expect"]:
        headers["X-Forwarded-For"] = fill(case["expect"]["client_ip_pattern"], turn)
    answer = await pages.client.request(
        case["method"], fill(case["path"]), headers=headers, data=body_of(case, turn), allow_redirects=False
    )
    text = str(answer.headers) + await answer.text()
    if answer.status == 303:
        text += await (await pages.client.get(answer.headers["Location"])).text()
    return answer.status, text


def named(name: str) -> dict[str, Any]:
    return next(case for case in CASES if case["name"] == name)


async def before(pages: Pages, case: dict[str, Any]) -> None:
    """What happened before, and how long ago."""
    if case["expect"].get("after") == "brute_device":
        await send_wrong(pages, 11, DEVICE, address="198.51.100.9")
    if case["expect"].get("wait") == "window":
        pages.world.now += DEVICE_LIMIT.window_seconds


async def send_wrong(pages: Pages, count: int, device: str = DEVICE, *, address: str = "") -> list[int]:
    """Try wrong tokens; the statuses."""
    headers = {"X-Forwarded-For": address} if address else {}
    fields = {**FIELDS, "device_id": device}
    return [
        (await pages.client.post("/form", data={**fields, "token": f"guess-{turn}"}, headers=headers)).status
        for turn in range(count)
    ]


@pytest.fixture
async def pages(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Pages]:
    """Behind a proxy that is believed for the cases that come from many addresses, else without one."""
    case = getattr(request.node, "callspec", None) and request.node.callspec.params.get("case")
    from_many = bool(case) and {"client_ip_pattern", "after"} & set(case["expect"])
    async with serve_pages(tmp_path, trusted_proxies=["127.0.0.0/8"] if from_many else []) as pages:
        yield pages


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
async def test_form_meets_the_case(
    case: dict[str, Any], pages: Pages, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    expect = case["expect"]
    url = dict(fields_of(case))["webhook_url"] if case["name"] == "ok_same_again" else BEFORE
    await pages.bind(url, "before.example.com")
    await before(pages, case)
    for turn in range(1, expect.get("repeat", 1) + 1):
        status, text = await send(pages, case, turn)
    assert status in expect["status_in"]
    if expect["binding_changed"] is not None:
        assert (await pages.bound_url() != url) is expect["binding_changed"]
    assert expect.get("must_contain_text", "") in text
    assert not [part for part in expect.get("must_not_contain", []) if fill(part) in text]
    logged = repr([record.__dict__ for record in caplog.records if record.name.startswith("relay")])
    assert not [part for part in expect.get("logs_must_not_contain", []) if fill(part) in logged]


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if "same_body_as" in case["expect"]],
    ids=lambda case: case["name"],
)
async def test_refusals_cannot_be_told_apart(case: dict[str, Any], pages: Pages) -> None:
    reference = named(case["expect"]["same_body_as"])
    answers = []
    for each in (case, reference):
        status, text = await send(pages, each)
        for name, value in fields_of(each):
            text = text.replace(f'name="{name}" value="{value}"', f'name="{name}"')
        page = text[text.index("<!doctype") :]
        answers.append((status, page))
    assert answers[0] == answers[1]


async def test_wrong_email_is_refused_in_the_same_words(pages: Pages) -> None:
    case = named("wrong_token")
    wrong = {
        **case,
        "fields": [["email", "other@example.com"] if f[0] == "email" else f for f in case["fields"]],
    }
    wrong["name"] = "wrong_email"
    status, text = await send(pages, wrong)
    assert (status, await pages.bound_url()) == (422, None)
    assert "do not belong together" in text


async def test_url_is_bound_byte_for_byte(pages: Pages) -> None:
    for name in ("ok_query", "url_surrogate_pct", "url_xss_path", "ok_spaces_around"):
        await send(pages, named(name))
        assert await pages.bound_url() == dict(fields_of(named(name)))["webhook_url"].strip()
