"""What operators do by the command line stands in the activity of the device, as theirs."""

from relay.domain.activity import Action
from relay.store.activity import read_activity
from relay.store.driver import rows_of
from tests.commands.conftest import Operator
from tests.store.given import DEVICE, accept, bind, provision

LABEL = f"{DEVICE:X}"
URL = "https://hooks.example.com/"


async def done(operator: Operator) -> list[str]:
    """What was done since the last time, oldest first."""
    entries = await operator.store.driver.transact(read_activity(DEVICE))
    assert {(entry.actor, entry.address) for entry in entries} <= {("operator", "")}
    await operator.store.driver.transact(rows_of("erase_activity", device=DEVICE))
    return [entry.action for entry in reversed(entries)]


async def test_what_is_done_to_webhooks(operator: Operator) -> None:
    await provision(operator.store)
    await bind(operator.store)
    device = {"device": LABEL}
    await operator.run("endpoints.pause", **device)
    await operator.run("endpoints.resume", backlog="all", **device)
    await operator.run("endpoints.order", ordered=True, **device)
    await operator.run("endpoints.test", **device)
    await operator.run("endpoints.rotate_secret", **device)
    assert await done(operator) == ["paused", "resumed", "webhook_set", "tested", "secret_rotated"]
    added = await operator.run("endpoints.add", url=URL, settings={}, **device)
    await operator.run("endpoints.set", id=added["id"], url="", settings={"name": "lab"})
    await operator.run("endpoints.set", id=added["id"], url="https://b.example.com/", settings={})
    await operator.run("endpoints.remove", id=added["id"])
    assert await done(operator) == ["webhook_added", "webhook_set", "url_changed", "webhook_removed"]


async def test_what_is_done_to_deliveries_downlinks_and_settings(operator: Operator) -> None:
    await provision(operator.store)
    await bind(operator.store)
    accepted = await accept(operator.store)
    await operator.store.give_back(accepted.deliveries, round(operator.now * 1000))
    (delivery,) = await operator.deliveries()
    await operator.run("deliveries.replay", id=delivery["id"])
    order = {"device": LABEL, "states": "all", "since_ms": 0, "until_ms": None}
    started = await operator.run("replays.start", **order)
    await operator.run("replays.cancel", id=started["id"])
    assert await done(operator) == ["replayed", "replay_started", "replay_cancelled"]
    push = {"device": LABEL, "data": "00" * 8, "label": "", "expires_seconds": None, "tries": 1}
    first = await operator.run("downlinks.push", replace=False, **push)
    await operator.run("downlinks.cancel", id=first["id"])
    await operator.run("downlinks.push", replace=False, **push)
    await operator.run("downlinks.clear", device=LABEL)
    await operator.run("downlinks.clear", device=LABEL)  # nothing is in it
    assert await done(operator) == [
        "downlink_queued",
        "downlink_cancelled",
        "downlink_queued",
        "queue_emptied",
    ]
    for _ in range(2):  # the same again changes nothing
        settings = {"name": "Cellar", "alerts": "", "keep_alive_seconds": "2h"}
        await operator.run("devices.set", device=LABEL, type="", settings=settings)
    (entry,) = await operator.store.driver.transact(read_activity(DEVICE))
    assert (entry.action, entry.facts) == ("settings_changed", {"names": "name, keep_alive_seconds"})
    await done(operator)
    row = {"label": LABEL, "token": "an0ther-T0ken", "email": "", "webhook_url": ""}
    for _ in range(2):  # the same again changes nothing
        await operator.run("devices.provision", rows=[row])
    assert await done(operator) == [Action.PROVISIONED]
