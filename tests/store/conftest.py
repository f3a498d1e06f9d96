"""A store for each test, on each database."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from relay.store.driver import Driver
from relay.store.store import Store, open_store
from tests.postgresql import Server
from tests.store.databases import Database, Rows, SqliteDatabase
from tests.store.drivers import Lent
from tests.store.given import VAULT
from tests.store.postgresql_database import PostgresqlDatabase, Reused

DATABASES = ["sqlite", "postgresql"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedStore:
    """A running store, and what lies beneath it."""

    database: Database
    driver: Driver
    store: Store

    async def rows(self, table: str, order: str = "id") -> Rows:
        """All rows of a table."""
        return await self.database.rows(f"SELECT * FROM {table} ORDER BY {order}")

    def another(self, node: str, driver: Driver | None = None) -> AbstractAsyncContextManager[Store]:
        """A second store on the same database, as another node has it."""
        return open_store(Lent(driver or self.driver), VAULT, node)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def reused(postgresql: Server) -> AsyncIterator[Reused]:
    async with postgresql.database() as url, Reused.migrated(url) as reused:
        yield reused


@pytest_asyncio.fixture(loop_scope="session")
async def emptied_url(closing: None, reused: Reused) -> str:
    """A PostgreSQL database with all tables and nothing in them."""
    await reused.empty()
    return reused.url


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    if request.param == "sqlite":
        return SqliteDatabase(tmp_path / "relay.db")
    return PostgresqlDatabase(request.getfixturevalue("emptied_url"))


@pytest.fixture
async def opened_store(database: Database) -> AsyncIterator[OpenedStore]:
    async with database.opened() as driver, open_store(driver, VAULT, "node-1") as store:
        yield OpenedStore(database=database, driver=driver, store=store)


@pytest.fixture
def store(opened_store: OpenedStore) -> Store:
    return opened_store.store
