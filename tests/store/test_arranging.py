"""Several endpoints of one device, on each database."""

import pytest

from relay.domain.endpoint_options import EndpointOptions, EndpointSettings, Format
from relay.store import arranging
from relay.store.arranging import NewEndpoint, add_endpoint, arranged, remove_some
from tests.store.conftest import OpenedStore
from tests.store.given import DEVICE, HOST, NOW_MS, URL, VAULT, accept, provision, uplink

SETTINGS = EndpointSettings(
    name="meters",
    kinds=("data", "silent"),
    awaits_radio=True,
    options=EndpointOptions(format=Format.FULL, headers=(("X-Key", "s3cret-header"),)),
)


async def add(opened: OpenedStore, settings: EndpointSettings = SETTINGS) -> int:
    new = NewEndpoint(device=DEVICE, url=URL, host=HOST, secret="whsec_AAAA", settings=settings)
    made = await opened.driver.transact(add_endpoint(new, VAULT, NOW_MS, lambda: "msg_1"))
    assert made is not None
    return made.id


async def test_settings_are_kept_and_what_is_secret_is_sealed(opened_store: OpenedStore) -> None:
    await provision(opened_store.store)
    made = await add(opened_store)
    found = await opened_store.driver.transact(arranged(made, VAULT))
    assert found is not None
    assert found.settings == SETTINGS
    assert found.endpoint.options == SETTINGS.options
    (row,) = await opened_store.rows("endpoints")
    assert b"s3cret" not in bytes(row["options_sealed"])


async def test_plain_options_are_not_stored(opened_store: OpenedStore) -> None:
    await provision(opened_store.store)
    await add(opened_store, EndpointSettings())
    (row,) = await opened_store.rows("endpoints")
    assert row["options_sealed"] is None


async def test_removing_gives_up_what_is_open_in_small_steps_and_moves_the_others_up(
    opened_store: OpenedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arranging, "BURY_AT_ONCE", 2)
    await provision(opened_store.store)
    ids = [await add(opened_store, EndpointSettings()) for _ in range(3)]
    for number in range(3):
        await accept(opened_store.store, uplink(seq_number=number))
    steps = [await opened_store.driver.transact(remove_some(ids[0], NOW_MS)) for _ in range(2)]
    assert [(one.buried, one.done) for one in steps] == [(2, False), (1, True)]
    left = await opened_store.rows("endpoints", "position")
    assert [(row["id"], row["position"]) for row in left] == [(ids[1], 1), (ids[2], 2)]
    states = {row["endpoint_id"]: row["state"] for row in await opened_store.rows("deliveries")}
    assert states == {ids[0]: "dead", ids[1]: "waiting", ids[2]: "waiting"}


async def test_what_is_known_of_a_message_is_read_with_its_devices_settings(
    opened_store: OpenedStore,
) -> None:
    await provision(opened_store.store)
    await add(opened_store, EndpointSettings())
    accepted = await accept(opened_store.store, uplink(station="0E3A", more={"avgSnr": 12.5}))
    known = await opened_store.store.known_of(accepted.deliveries[0])
    assert (known.facts.seq_number, known.facts.station, known.facts.more) == (7, "0E3A", {"avgSnr": 12.5})
    assert (known.facts.device_type, known.settings is None) == ("default", False)
