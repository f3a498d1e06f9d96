"""What only the PostgreSQL driver has to stand: lost connections, a server that stops, other nodes."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import pytest

from relay.errors import StoreUnavailable
from relay.store import postgresql as driver_module
from relay.store import postgresql_session
from relay.store.driver import Do, Row, Steps, rows_of
from relay.store.postgresql import PostgresqlDriver
from relay.store.statements import Statement, load_statements, positional
from relay.store.store import Store, open_store
from tests.postgresql import Cluster, running_cluster
from tests.store.drivers import Lent
from tests.store.given import DEVICE, LEASE_UNTIL_MS, NOW_MS, VAULT, accept, bind, provision, uplink
from tests.store.given import waiting_deliveries as wait_for_a_node
from tests.store.postgresql_database import PostgresqlDatabase, opened_url

WAYS_LOCK = 5190002
SMALL_NUMBERS = {
    "told",
    *("time_given", "ack", "unclaimed", "attempts", "attempt", "number", "status", "opened", "draining"),
    *("ordered", "known", "count", "least", "most", "most_tries", "tries", "repeats", "position"),
    *("awaits_radio", "battery_low", "mailed", "noticed", "downlinks_a_day", "sequence_modulo", "cut"),
    *("downlink", "status_from", "status_to"),
}
CALLBACK = {"id": 1, "received_at_ms": 2**62, "kind": "data", "method": "GET", "query": "č=✓"} | {
    "content_type": "",
    "body": "'; --",
}
WAITING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture
def database(postgresql_url: str) -> PostgresqlDatabase:
    return PostgresqlDatabase(postgresql_url)


@pytest.fixture
async def driver(database: PostgresqlDatabase) -> AsyncIterator[PostgresqlDriver]:
    async with opened_url(database.url) as driver:
        yield driver


@pytest.fixture
async def beside(database: PostgresqlDatabase, driver: PostgresqlDriver) -> AsyncIterator[asyncpg.Connection]:
    """A session of somebody else on the same database, in the middle of a transaction."""
    connection = await asyncpg.connect(database.url)
    await connection.execute("BEGIN")
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A server that the test may stop."""
    with running_cluster() as cluster:
        yield cluster


def keep_callback_then_wait() -> Steps[None]:
    """A transaction that has written something and stands before a lock."""
    yield Do("insert_callback", [CALLBACK])
    yield Do("change_ways")


async def hold_ways(connection: asyncpg.Connection) -> None:
    await connection.execute(f"SELECT pg_advisory_xact_lock({WAYS_LOCK})")


async def who_waits(connection: asyncpg.Connection, count: int = 1) -> list[int]:
    """The process ids of so many sessions that stand before a lock, once they do."""
    for _ in range(3000):
        await connection.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees the same again
        if len(rows := await connection.fetch(WAITING)) >= count:
            return [row["pid"] for row in rows]
        await asyncio.sleep(0.01)
    raise TimeoutError


async def soon(driver: PostgresqlDriver) -> None:
    """Wait until the driver answers again."""
    async with asyncio.timeout(30):
        while True:
            with suppress(StoreUnavailable):
                await driver.transact(rows_of("ping"))
                return
            await asyncio.sleep(0.05)


# --- statements and values


def test_parameters_are_numbered_and_what_only_looks_like_one_stays() -> None:
    sql = "SELECT ':no', 'it''s :no', /* :no */ :one, :two::text, now()::date WHERE :one > 0"
    numbered = positional(Statement(name="any", sql=sql, returns_rows=True))
    expected = "SELECT ':no', 'it''s :no', /* :no */ $1, $2::text, now()::date WHERE $1 > 0"
    assert numbered == (expected, ("one", "two"))


async def test_postgresql_understands_every_statement_and_takes_large_numbers(
    database: PostgresqlDatabase, driver: PostgresqlDriver
) -> None:
    connection = await asyncpg.connect(database.url)
    small = set()
    for statement in load_statements("postgresql").values():
        sql, names = positional(statement)
        prepared = await connection.prepare(sql)
        types = [parameter.name for parameter in prepared.get_parameters()]
        small |= {name for name, kind in zip(names, types, strict=True) if kind == "int4"}
        assert bool(prepared.get_attributes()) == statement.returns_rows, statement.name
    await connection.close()
    assert sorted(small - SMALL_NUMBERS) == []


async def test_a_statement_runs_once_for_each_set_of_parameters_in_order(driver: PostgresqlDriver) -> None:
    def steps() -> Steps[tuple[list[int], list[Row]]]:
        nothing = yield Do("insert_callback", [])
        yield Do("insert_callback", [CALLBACK | {"id": number} for number in range(3000)])
        rows = yield Do("ping", [{}] * 2000)
        return [row["one"] for row in rows], list(nothing)

    assert await driver.transact(steps()) == ([1] * 2000, [])


async def test_values_come_back_as_they_were(driver: PostgresqlDriver, database: PostgresqlDatabase) -> None:
    await driver.transact(rows_of("insert_callback", **CALLBACK))
    assert await database.rows("SELECT * FROM callbacks") == [CALLBACK]


@pytest.mark.parametrize("poison", [{"body": "\0"}, {"body": "\ud800"}, {"id": 2**63}, {"kind": None}])
async def test_data_that_cannot_be_kept_is_no_fault_of_the_database(
    driver: PostgresqlDriver, database: PostgresqlDatabase, poison: dict[str, object]
) -> None:
    def steps() -> Steps[None]:
        yield Do("insert_callback", [CALLBACK, CALLBACK | {"id": 2} | poison])

    with pytest.raises(asyncpg.PostgresError) as refused:
        await driver.transact(steps())
    assert refused.value.sqlstate[:2] in ("22", "23")
    assert await database.rows("SELECT * FROM callbacks") == []
    await driver.transact(rows_of("insert_callback", **CALLBACK))


async def test_an_error_in_the_steps_rolls_back_and_passes(
    driver: PostgresqlDriver, database: PostgresqlDatabase
) -> None:
    def steps() -> Steps[None]:
        yield Do("insert_callback", [CALLBACK])
        raise LookupError

    with pytest.raises(LookupError):
        await driver.transact(steps())
    assert await database.rows("SELECT * FROM callbacks") == []


# --- trouble


async def test_a_connection_that_is_killed_in_a_transaction_undoes_it(
    driver: PostgresqlDriver, database: PostgresqlDatabase, beside: asyncpg.Connection
) -> None:
    await hold_ways(beside)
    running = asyncio.create_task(driver.transact(keep_callback_then_wait()))
    (pid,) = await who_waits(beside)
    await beside.execute(f"SELECT pg_terminate_backend({pid})")
    with pytest.raises(StoreUnavailable):
        await running
    assert await database.rows("SELECT * FROM callbacks") == []
    await driver.transact(rows_of("ping"))


async def test_a_caller_that_is_cancelled_does_not_stop_a_transaction_half_way(
    driver: PostgresqlDriver, database: PostgresqlDatabase, beside: asyncpg.Connection
) -> None:
    await hold_ways(beside)
    running = asyncio.create_task(driver.transact(keep_callback_then_wait()))
    await who_waits(beside)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await beside.execute("COMMIT")
    await driver.close()
    assert await database.rows("SELECT id FROM callbacks") == [{"id": 1}]


@pytest.mark.parametrize("limit", ["lock", "statement"])
async def test_neither_a_lock_nor_a_statement_is_waited_for_without_end(
    limit: str,
    database: PostgresqlDatabase,
    driver: PostgresqlDriver,
    beside: asyncpg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(postgresql_session.SETTINGS, f"{limit}_timeout", "20ms")
    await hold_ways(beside)
    async with opened_url(database.url) as hasty:
        with pytest.raises(StoreUnavailable, match=f"{limit} timeout"):
            await hasty.transact(keep_callback_then_wait())
    assert await database.rows("SELECT * FROM callbacks") == []


async def test_who_finds_all_connections_busy_does_not_wait_for_ever(
    driver: PostgresqlDriver, beside: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hold_ways(beside)
    busy = [
        asyncio.create_task(driver.transact(rows_of("change_ways"))) for _ in range(driver_module.POOL_SIZE)
    ]
    await who_waits(beside, driver_module.POOL_SIZE)
    monkeypatch.setattr(driver_module, "ACQUIRE_SECONDS", 0.05)
    with pytest.raises(StoreUnavailable, match="no answer in time"):
        await driver.transact(rows_of("ping"))
    await beside.execute("COMMIT")
    assert len(await asyncio.gather(*busy)) == driver_module.POOL_SIZE


async def test_a_server_that_stops_is_found_again_when_it_is_back(cluster: Cluster) -> None:
    async with (
        cluster.database() as url,
        opened_url(url) as driver,
        open_store(Lent(driver), VAULT, "node") as store,
    ):
        await accept(store)
        cluster.stop()
        for _ in range(20):
            with pytest.raises(StoreUnavailable):
                await accept(store, uplink(seq_number=8))
        cluster.start()
        await soon(driver)
        assert (await accept(store)).repeated
        assert not (await accept(store, uplink(seq_number=8))).repeated


# --- other nodes


@asynccontextmanager
async def two_nodes(database: PostgresqlDatabase) -> AsyncIterator[tuple[Store, Store]]:
    async with (
        database.opened() as first,
        database.opened() as second,
        open_store(first, VAULT, "node-1") as one,
        open_store(second, VAULT, "node-2") as other,
    ):
        yield one, other


async def test_two_nodes_never_take_the_same_id(database: PostgresqlDatabase) -> None:
    async with two_nodes(database) as (one, other):
        uplinks = [uplink(seq_number=number) for number in range(200)]
        kept = await asyncio.gather(
            *(accept((one, other)[number % 2], each) for number, each in enumerate(uplinks))
        )
    assert len({each.uplink_id for each in kept}) == 200


async def test_callbacks_that_come_to_both_nodes_at_once_are_kept_once(database: PostgresqlDatabase) -> None:
    async with two_nodes(database) as (one, other):
        uplinks = [uplink(seq_number=number) for number in range(200)]
        answers = await asyncio.gather(
            *(accept(one, each) for each in uplinks), *(accept(other, each) for each in reversed(uplinks))
        )
    assert sum(each.repeated for each in answers) == 200
    rows = await database.rows("SELECT id, repeats FROM uplinks")
    assert {each.uplink_id for each in answers} == {row["id"] for row in rows}
    assert {row["repeats"] for row in rows} == {1}


async def test_two_nodes_claim_different_deliveries(database: PostgresqlDatabase) -> None:
    async with two_nodes(database) as (one, other):
        waiting = await wait_for_a_node(one, [NOW_MS] * 100)
        claims = await asyncio.gather(
            *(
                node.claim_due(now_ms=NOW_MS, lease_until_ms=LEASE_UNTIL_MS, limit=10)
                for _ in range(10)
                for node in (one, other)
            )
        )
    claimed = [delivery.id for deliveries in claims for delivery in deliveries]
    assert len(claimed) == len(set(claimed)) == len(waiting)


async def test_a_message_on_its_way_in_is_not_missed_by_who_adds_the_endpoint(
    database: PostgresqlDatabase, driver: PostgresqlDriver, beside: asyncpg.Connection
) -> None:
    """The transaction beside holds up the message after it found no endpoint, and before it is there."""
    async with two_nodes(database) as (one, other):
        await provision(one)
        first = await accept(one)
        await beside.execute(f"UPDATE uplinks SET seq_number = 99 WHERE id = {first.uplink_id}")
        coming = asyncio.create_task(accept(one, uplink(seq_number=99)))
        await who_waits(beside)
        binding = asyncio.create_task(bind(other, number=DEVICE))
        await who_waits(beside, 2)
        await beside.execute("ROLLBACK")
        assert not (await coming).repeated
        assert (await binding).waiting == 2
    assert await database.rows("SELECT id FROM uplinks WHERE unclaimed = 1") == []
