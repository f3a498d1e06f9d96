"""Commands about several endpoints of one device."""

from typing import Any

import pytest

from relay.errors import RelayError
from relay.store.driver import rows_of
from tests.commands.conftest import Operator
from tests.store.given import (
    DEVICE,
    HOST,
    LABEL,
    OTHER_URL,
    URL,
    accept,
    bind,
    bound_device,
    device,
    provision,
    uplink,
)

TEMPLATE = {"format": "template", "method": "GET"}


async def add(operator: Operator, url: str = URL, **settings: object) -> dict[str, Any]:
    return await operator.run("endpoints.add", device=LABEL, url=url, settings=settings)


async def shown(operator: Operator) -> list[dict[str, Any]]:
    return list((await operator.run("endpoints.show", device=LABEL))["endpoints"])


async def test_a_device_has_several_webhooks_and_each_gets_what_it_asked_for(operator: Operator) -> None:
    await provision(operator.store)
    await add(operator, name="first", format="full", headers=[["X-Key", " s3cret "]])
    second = await add(operator, OTHER_URL, kinds=["status"], ordered=True)
    assert second["secret"].startswith("whsec_")
    first, other = await shown(operator)
    assert (first["name"], first["format"], first["kinds"]) == ("first", "full", ["data"])
    assert list(first["headers"]) == ["X-Key"]
    assert "s3cret" not in str(first)
    assert (other["format"], other["kinds"]) == ("classic", ["status"])
    accepted = await accept(operator.store)
    assert [one.endpoint.id for one in accepted.deliveries] == [first["id"]]


async def test_the_first_webhook_gets_what_came_before(operator: Operator) -> None:
    await provision(operator.store)
    await accept(operator.store)
    await add(operator)
    await add(operator, OTHER_URL)
    assert [one["endpoint_id"] for one in await operator.deliveries()] == [(await shown(operator))[0]["id"]]


async def test_a_device_has_at_most_five(operator: Operator) -> None:
    await provision(operator.store)
    for _ in range(5):
        await add(operator)
    with pytest.raises(RelayError, match="has 5 webhooks"):
        await add(operator)


async def test_what_is_not_named_stays(operator: Operator) -> None:
    await provision(operator.store)
    made = await add(operator, URL + "&d={data}", **TEMPLATE, name="a", headers=[["A", "1"], ["B", "2"]])
    changed = await operator.run(
        "endpoints.set", id=made["id"], url=None, settings={"headers": [["b", None]]}
    )
    assert changed["secret"] is None
    endpoint = await operator.store.find_endpoint(made["id"])
    assert endpoint is not None
    assert endpoint.options.headers == (("b", "2"),)
    (after,) = await shown(operator)
    assert (after["name"], after["format"], after["method"]) == ("a", "template", "GET")
    await operator.run(
        "endpoints.set", id=made["id"], url=None, settings={"format": "classic", "headers": []}
    )
    endpoint = await operator.store.find_endpoint(made["id"])
    assert endpoint is not None
    assert endpoint.revision > 2


async def test_another_host_gets_another_secret_and_the_options_stay(operator: Operator) -> None:
    await provision(operator.store)
    made = await add(operator, format="full", kinds=["status"])
    moved = await operator.run("endpoints.set", id=made["id"], url=OTHER_URL, settings={})
    assert moved["secret"] not in (None, made["secret"])
    (after,) = await shown(operator)
    assert (after["format"], after["kinds"]) == ("full", ["status"])


async def test_another_host_learns_no_header_of_the_one_before(operator: Operator) -> None:
    await bound_device(operator.store)
    (endpoint,) = await shown(operator)

    async def change(url: str | None, *headers: list[str | None]) -> dict[str, Any]:
        settings = {"headers": headers} if headers else {}
        return await operator.run("endpoints.set", id=endpoint["id"], url=url, settings=settings)

    await change(None, ["X-Key", "s3cret"], ["X-More", "1"])
    assert (await change(URL + "&more=1"))["headers_left"] == []
    with pytest.raises(RelayError, match="Enter the value of Other"):
        await change(OTHER_URL, ["Other", None])
    moved = await change(OTHER_URL, ["x-key", "of the new one"], ["X-More", None])
    assert moved["headers_left"] == ["X-More"]
    assert list((await shown(operator))[0]["headers"]) == ["x-key"]
    mails = await operator.store.driver.transact(rows_of("mails_of_device", device=DEVICE, limit=9))
    assert [mail["kind"] for mail in mails].count("url_changed") == 2


async def test_the_form_changes_the_first_webhook_and_leaves_its_options(operator: Operator) -> None:
    await provision(operator.store)
    await add(operator, format="full", name="mine")
    await add(operator, OTHER_URL)
    await bind(operator.store, "https://third.example.net/", "third.example.net")
    first, second = await shown(operator)
    assert (first["host"], first["format"], first["name"]) == ("third.example.net", "full", "mine")
    assert second["host"] == "new.example.org"


async def test_what_waited_for_a_removed_webhook_is_listed_as_dead(operator: Operator) -> None:
    await bound_device(operator.store)
    await add(operator, OTHER_URL)
    await accept(operator.store, uplink(seq_number=1))
    first, second = await shown(operator)
    removed = await operator.run("endpoints.remove", id=first["id"])
    assert removed["given_up"] == 1
    states = {one["endpoint_id"]: (one["state"], one["cause"]) for one in await operator.deliveries()}
    assert states == {first["id"]: ("dead", "removed"), second["id"]: ("waiting", None)}
    await bind(operator.store)  # the next one is the first now
    assert [(one["id"], one["host"]) for one in await shown(operator)] == [(second["id"], HOST)]


async def test_what_is_promised_to_a_removed_webhook_is_not_claimed_for_ever(operator: Operator) -> None:
    await bound_device(operator.store)
    await accept(operator.store)
    (endpoint,) = await shown(operator)
    await operator.run("endpoints.remove", id=endpoint["id"])
    (dead,) = await operator.deliveries()
    await operator.run("deliveries.replay", id=dead["id"])
    claimed = await operator.store.claim_due(now_ms=2**50, lease_until_ms=2**51, limit=10)
    assert claimed == []
    (dead,) = await operator.deliveries()
    assert (dead["state"], dead["cause"]) == ("dead", "removed")


@pytest.mark.parametrize(
    ("settings", "url", "says"),
    [
        (
            {"format": "template"},
            URL + "&{nothing}",
            r"Webhook URL: Column \d+: There is no variable {nothing}",
        ),
        (
            {**TEMPLATE, "method": "POST", "body_template": '{"a"'},
            URL,
            "Body template: Column 5: .* not be JSON",
        ),
        ({"method": "PUT"}, URL, "Method: This can be chosen"),
        ({"headers": [["Host", "a"]]}, URL, "The relay itself decides about Host"),
        ({"kinds": ["nothing"]}, URL, "There is no kind nothing"),
        ({}, "ftp://a.example", "Write the whole address"),
        ({}, "http://169.254.169.254/", "may not connect"),
    ],
)
async def test_what_cannot_be_is_said_with_its_place(
    operator: Operator, settings: dict[str, object], url: str, says: str
) -> None:
    await provision(operator.store)
    with pytest.raises(RelayError, match=says):
        await add(operator, url, **settings)


async def test_what_is_not_there_is_named(operator: Operator) -> None:
    with pytest.raises(RelayError, match="there is no device BEEF"):
        await operator.run("endpoints.add", device="beef", url=URL, settings={})
    for command in ("set", "remove"):
        with pytest.raises(RelayError, match="there is no webhook 77"):
            await operator.run(f"endpoints.{command}", id=77, url=None, settings={})
    await provision(operator.store, device("A1"))
