"""The write-ahead log stays small, whatever was written."""

from pathlib import Path

from relay.store.opening import open_sqlite
from relay.store.records import RawCallback
from relay.store.sqlite import WAL_LIMIT_BYTES
from relay.store.store import open_store
from tests.store.given import LONG_SECONDS, VAULT, accept, incoming, uplink

MIB = 1024 * 1024
CALLBACKS = 700
RAW = RawCallback(method="POST", query="", content_type="text/plain", body="x" * 60_000)


def wal_bytes(database: Path) -> int:
    log = Path(f"{database}-wal")
    return log.stat().st_size if log.exists() else 0


async def test_many_small_commits_write_over_the_same_log(tmp_path: Path) -> None:
    path = tmp_path / "relay.db"
    async with open_sqlite(path) as database, open_store(database.driver, VAULT, "node") as store:
        largest = 0
        for number in range(CALLBACKS):
            one = incoming(uplink(seq_number=number), raw=RAW)
            await store.accept(one, LONG_SECONDS)
            largest = max(largest, wal_bytes(path))
    assert largest < 24 * MIB < CALLBACKS * len(RAW.body)


async def test_a_log_that_one_large_transaction_made_long_is_cut_again(tmp_path: Path) -> None:
    path = tmp_path / "relay.db"
    async with open_sqlite(path) as database, open_store(database.driver, VAULT, "node") as store:
        await database.driver.run_script(
            lambda connection: connection.executescript(
                "CREATE TABLE large (content BLOB);"
                f"INSERT INTO large VALUES (zeroblob({WAL_LIMIT_BYTES})), (zeroblob({8 * MIB}))"
            )
        )
        assert wal_bytes(path) > WAL_LIMIT_BYTES
        await accept(store)
        assert wal_bytes(path) <= WAL_LIMIT_BYTES
    assert wal_bytes(path) == 0
