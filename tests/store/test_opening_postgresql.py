"""Opening a PostgreSQL database: what is made, migrated, waited for and refused."""

import asyncio
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives import serialization

from relay.config import parse_database
from relay.errors import ConfigError, StoreRefused, StoreUnavailable
from relay.store import migrate
from relay.store.migrate import Migration, load_migrations
from relay.store.opening import OpenedDatabase, open_database
from tests.forwarder.certificates import Issued, issue
from tests.postgresql import Cluster, Server, running_cluster
from tests.store.postgresql_database import PostgresqlDatabase, opened_url

NEWER = Migration("9999_newer.sql", "CREATE TABLE newer (id BIGINT PRIMARY KEY);")
BROKEN = Migration("9999_broken.sql", "CREATE TABLE half (id BIGINT); CREATE TABLE half (id BIGINT);")


@pytest.fixture
def database(postgresql_url: str) -> PostgresqlDatabase:
    return PostgresqlDatabase(postgresql_url)


async def applied_at_start(url: str, *, migrate: bool = False) -> list[str]:
    async with open_database(parse_database(url), migrate=migrate, wait_seconds=0.1) as opened:
        return opened.applied


def add_migration(monkeypatch: pytest.MonkeyPatch, migration: Migration) -> None:
    known = load_migrations()
    monkeypatch.setattr(migrate, "load_migrations", lambda: [*known, migration])


async def test_an_empty_database_is_made_once_by_two_nodes_that_start_at_once(
    database: PostgresqlDatabase,
) -> None:
    applied = await asyncio.gather(*(applied_at_start(database.url) for _ in range(4)))
    names = [migration.name for migration in load_migrations()]
    assert sorted(applied) == [[], [], [], names]
    assert [
        row["name"] for row in await database.rows("SELECT name FROM migrations ORDER BY position")
    ] == names


async def test_a_database_that_no_store_took_is_left_without_connections(postgresql: Server) -> None:
    async with postgresql.database() as url, postgresql.connection() as beside:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1"
        async with open_database(parse_database(url)):
            assert await beside.fetchval(others, urlsplit(url).path[1:]) == 1
        async with asyncio.timeout(20):  # the server takes a moment to end them
            while await beside.fetchval(others, urlsplit(url).path[1:]):
                pass


async def test_an_older_database_is_migrated_only_when_asked(
    database: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    await applied_at_start(database.url)
    add_migration(monkeypatch, NEWER)
    with pytest.raises(StoreRefused, match=r"needs 9999_newer\.sql: run `relay migrate`.*--migrate"):
        await applied_at_start(database.url)
    applied = await asyncio.gather(*(applied_at_start(database.url, migrate=True) for _ in range(2)))
    assert sorted(applied) == [[], ["9999_newer.sql"]]
    assert await applied_at_start(database.url) == []


async def test_a_newer_database_is_refused(
    database: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as newer_program:
        add_migration(newer_program, NEWER)
        await applied_at_start(database.url)
    with pytest.raises(StoreRefused, match="run the newer program"):
        await applied_at_start(database.url, migrate=True)


async def test_a_migration_that_fails_leaves_nothing_behind(
    database: PostgresqlDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_migration(monkeypatch, BROKEN)
    with pytest.raises(StoreRefused, match=r"cannot bring .* up to date"):
        await applied_at_start(database.url)
    assert await database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == []


async def test_a_server_that_is_not_there_is_waited_for_a_while() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"postgresql://relay:hunter2@127.0.0.1:{closed.getsockname()[1]}/relay"
        with pytest.raises(StoreUnavailable, match=r"relay:\*\*\*@127\.0\.0\.1") as unavailable:
            await applied_at_start(url)
    assert "hunter2" not in str(unavailable.value)


async def test_a_server_that_starts_late_is_reached() -> None:
    with running_cluster() as cluster:
        cluster.stop()
        opening = asyncio.create_task(applied_late(cluster.admin_url))
        await asyncio.to_thread(cluster.start)
        assert await opening


async def applied_late(url: str) -> list[str]:
    async with open_database(parse_database(url)) as opened:
        return opened.applied


async def test_a_database_that_does_not_exist_is_refused_at_once(postgresql: Server) -> None:
    async with asyncio.timeout(20):
        with pytest.raises(StoreRefused, match="does not exist"):
            await applied_late(postgresql.url_of("nowhere"))


async def test_text_is_not_trusted_to_another_encoding(postgresql: Server) -> None:
    async with postgresql.database("ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'") as url:
        with pytest.raises(StoreRefused, match="SQL_ASCII"):
            await applied_at_start(url)


@pytest.mark.parametrize("option", ["sslmode=perhaps", "sslmode=verify-full&sslrootcert=/nowhere.pem"])
async def test_settings_in_the_url_that_mean_nothing_are_named(option: str) -> None:
    with pytest.raises((ConfigError, StoreUnavailable), match=r"sslmode|No such file"):
        await applied_at_start(f"postgresql://relay:hunter2@127.0.0.1:1/relay?{option}")


async def test_a_commit_is_durable_whatever_the_database_is_set_to(postgresql: Server) -> None:
    async with postgresql.database() as url:
        database = PostgresqlDatabase(url)
        await database.execute(f"ALTER DATABASE {urlsplit(url).path[1:]} SET synchronous_commit = off")
        async with opened_url(url) as driver:
            shown = await driver.run_script(lambda connection: connection.fetchval("SHOW synchronous_commit"))
    assert shown == "on"


def test_all_nodes_go_by_the_clock_of_the_database() -> None:
    database = OpenedDatabase(
        driver=None,
        lock=None,
        applied=[],
        clock_ahead_seconds=lambda: 5.0,  # nobody asks it
    )
    assert database.shared_clock(lambda: 100.0)() == 105.0


@pytest.fixture
def tls_url(tmp_path: Path) -> Iterator[str]:
    """A server on loopback that speaks TLS, and the file of the authority that it is certified by."""
    authority = issue("authority", authority=True)
    certificate = issue("localhost", by=authority)
    trusted = tmp_path / "authority.pem"
    trusted.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with running_cluster() as cluster:
        keep_for_server(cluster, certificate)
        cluster.stop()
        replace(
            cluster, options=f"{cluster.options} -c ssl=on -c listen_addresses=localhost -p {port}"
        ).start()
        yield f"postgresql://relay@localhost:{port}/postgres?sslmode=verify-full&sslrootcert={trusted}"


def keep_for_server(cluster: Cluster, certificate: Issued) -> None:
    """Where the server looks for them; nobody else may read the key."""
    key = certificate.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = certificate.certificate.public_bytes(serialization.Encoding.PEM)
    for name, content in (("server.key", key), ("server.crt", public)):
        file = cluster.data / name
        file.touch(mode=0o600)
        file.write_bytes(content)
        if cluster.user:
            shutil.chown(file, cluster.user)


async def test_the_server_is_verified_when_the_url_asks_for_it(tls_url: str, tmp_path: Path) -> None:
    async with opened_url(tls_url) as driver:
        encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        assert await driver.run_script(lambda connection: connection.fetchval(encrypted))
    (tmp_path / "authority.pem").write_bytes(
        issue("another", authority=True).certificate.public_bytes(serialization.Encoding.PEM)
    )
    async with asyncio.timeout(20):
        with pytest.raises(StoreRefused, match="certificate verify failed"):
            await applied_late(tls_url)
