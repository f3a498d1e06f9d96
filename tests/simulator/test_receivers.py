import aiohttp

from relay.simulator.receivers import Arrival, Behaviour, Receiver


async def post(receiver: Receiver, webhook_id: str = "msg_1", body: bytes = b"{}") -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(receiver.url + "?x=%20y", data=body, headers={"Webhook-Id": webhook_id}) as response,
    ):
        return response.status


async def test_a_good_receiver_answers_204_and_keeps_what_arrived() -> None:
    async with Receiver("orders", clock=lambda: 17.5) as receiver:
        assert await post(receiver, body=b'{"a":1}') == 204
    (arrival,) = receiver.arrivals
    assert (arrival.receiver, arrival.time, arrival.method) == ("orders", 17.5, "POST")
    assert (arrival.path, arrival.body, arrival.status) == ("/orders?x=%20y", b'{"a":1}', 204)
    assert arrival.headers["webhook-id"] == "msg_1"


async def test_a_flaky_receiver_refuses_each_message_twice() -> None:
    async with Receiver("flaky", Behaviour.FLAKY) as receiver:
        statuses = [await post(receiver, webhook_id) for webhook_id in ("a", "a", "b", "a", "b", "b", "a")]
    assert statuses == [503, 503, 503, 200, 503, 200, 200]


async def test_a_slow_receiver_answers_after_its_time() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with Receiver("slow", Behaviour.SLOW, slow_seconds=3, sleep=sleep) as receiver:
        assert await post(receiver) == 200
    assert slept == [3]


async def test_a_receiver_forgets_the_oldest() -> None:
    async with Receiver("short", keep=2) as receiver:
        for webhook_id in ("a", "b", "c"):
            await post(receiver, webhook_id)
    assert [arrival.headers["webhook-id"] for arrival in receiver.arrivals] == ["b", "c"]


async def test_each_request_is_told() -> None:
    told: list[Arrival] = []
    async with Receiver("told", on_request=told.append) as receiver:
        await post(receiver)
        assert tuple(told) == receiver.arrivals


async def test_two_receivers_stand_side_by_side() -> None:
    async with Receiver("one") as one, Receiver("two") as two:
        assert one.url != two.url
        assert [await post(one), await post(two)] == [204, 204]
