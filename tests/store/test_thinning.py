"""Charts read a bounded number of payloads, evenly over the time, however many there are."""

from relay.domain.delivery import Cause
from relay.domain.uplink import Kind
from relay.domain.verdict import Dead
from relay.store.store import Store
from relay.store.thinning import read_payloads
from tests.store.conftest import OpenedStore
from tests.store.given import DEVICE, NOW, accept, bound_device, provision, settle, settlement, uplink
from tests.store.test_tallying import send


async def test_few_messages_are_all_read_and_many_are_thinned(
    opened_store: OpenedStore, store: Store
) -> None:
    await provision(store)
    for number in range(12):
        await send(store, number * 10, seq_number=number, data=f"{number:02x}")
    await send(store, 5, seq_number=99, kind=Kind.STATUS)
    read = opened_store.driver.transact
    few = await read(read_payloads(DEVICE, NOW + 10, NOW + 40, 3))
    assert ([one.data for one in few.messages], few.is_thinned) == (["01", "02", "03"], False)
    many = await read(read_payloads(DEVICE, NOW, NOW + 120, 4))
    assert ([one.data for one in many.messages], many.is_thinned) == (["00", "03", "06", "09"], True)
    await bound_device(store)
    sent = await accept(store, uplink(time=NOW + 200))
    await settle(store, settlement(sent.deliveries[0], Dead(Cause.DNS), Cause.DNS))
    for since, most in ((NOW + 200, 4), (NOW, 4)):  # all, and thinned
        (answer,) = (await read(read_payloads(DEVICE, since, NOW + 240, most))).answers
        assert (answer.is_success, answer.endpoint_id) == (False, sent.deliveries[0].endpoint.id)
    none = await read(read_payloads(DEVICE, NOW + 500, NOW + 600, 4))
    assert (list(none.messages), none.is_thinned) == ([], False)
