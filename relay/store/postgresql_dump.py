"""Backups of PostgreSQL are the work of its own programs."""

import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

from relay.config import DatabaseUrl
from relay.errors import StoreRefused

FIRST_BYTES = b"PGDMP"
"""What a file of `pg_dump -Fc` begins with."""
RESTORE_HINT = (
    "this is a dump of PostgreSQL: stop all nodes, then restore it into an empty database with "
    "pg_restore --no-owner --exit-on-error -d DATABASE FILE"
)


def dump_postgresql(database: DatabaseUrl, file: Path) -> None:
    """Write a dump of the whole database, as it is at one moment, to a new file that only we can read.

    Raises:
        StoreRefused: There is no pg_dump, the file exists already, or pg_dump says why not.
    """
    program = shutil.which("pg_dump")
    if program is None:
        raise StoreRefused(
            f"pg_dump is not installed here; run it where it is: pg_dump -Fc -f {file.name} DATABASE"
        )
    unfinished = file.with_name(f"{file.name}.unfinished")
    url, environment = _without_password(database.url)
    try:
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            _run([program, "-Fc", "--no-password", f"--dbname={url}"], out.fileno(), environment)
            os.fsync(out.fileno())
        os.link(unfinished, file)
    except OSError as error:
        raise StoreRefused(f"cannot write {file}: {error.strerror or error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def is_dump(file: Path) -> bool:
    """Whether this is a file of `pg_dump -Fc`."""
    try:
        with file.open("rb") as content:
            return content.read(len(FIRST_BYTES)) == FIRST_BYTES
    except OSError:
        return False


def verify_dump(file: Path) -> None:
    """Read a dump through; whether it can be restored only restoring it shows.

    Raises:
        StoreRefused: There is no pg_restore, or it cannot read the file.
    """
    program = shutil.which("pg_restore")
    if program is None:
        raise StoreRefused("pg_restore is not installed here; run it where it is")
    _run([program, "-f", os.devnull, str(file)], subprocess.DEVNULL, os.environ)


def _without_password(url: str) -> "tuple[str, os._Environ[str] | dict[str, str]]":
    """Other users of the machine see the arguments of a program, but not its environment."""
    parts = urlsplit(url)
    if parts.password is None:
        return url, os.environ
    user, _, place = parts.netloc.rpartition("@")
    shown = parts._replace(netloc=f"{user.partition(':')[0]}@{place}").geturl()
    return shown, {**os.environ, "PGPASSWORD": unquote(parts.password)}


def _run(command: list[str], stdout: int, environment: "os._Environ[str] | dict[str, str]") -> None:
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.PIPE, env=environment, check=False
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().partition("\n")[0]
        raise StoreRefused(said or f"{Path(command[0]).name} ended with {done.returncode}")
