"""A backup of a SQLite database: one compressed file with a manifest and the copy."""

import gzip
import hashlib
import io
import json
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from relay import __version__
from relay.errors import StoreRefused
from relay.store.snapshot import Contents, check_copy

MANIFEST, DATABASE = "manifest.json", "relay.db"
LONGEST_MANIFEST_BYTES = 1024 * 1024
CHUNK_BYTES = 1024 * 1024
COMPRESSION = 6

_BROKEN = (OSError, EOFError, tarfile.TarError, zlib.error, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds; `sha256` is that of the database, `version` that of the program."""

    version: str
    migrations: list[str]
    counts: dict[str, int]
    bytes: int
    sha256: str


def write_backup(copy: Path, file: Path) -> Manifest:
    """Check a copy and pack it; the file appears under its name when it is whole and on disk.

    Raises:
        StoreRefused: The copy is damaged, or the file exists already or cannot be written.
    """
    contents = check_copy(copy)
    manifest = Manifest(
        version=__version__,
        migrations=contents.migrations,
        counts=contents.counts,
        bytes=copy.stat().st_size,
        sha256=_digest(copy),
    )
    unfinished = file.with_name(f"{file.name}.unfinished")
    try:
        with _private_file(unfinished) as out:
            _pack(manifest, copy, out)
        os.link(unfinished, file)  # unlike a rename it never replaces a file
    except OSError as error:
        raise StoreRefused(f"cannot write {file}: {error.strerror or error}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


@contextmanager
def _private_file(path: Path) -> Iterator[IO[bytes]]:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())


def _pack(manifest: Manifest, copy: Path, out: IO[bytes]) -> None:
    text = json.dumps(asdict(manifest), indent=1).encode()
    with (
        gzip.GzipFile(fileobj=out, mode="wb", compresslevel=COMPRESSION, filename="") as compressed,
        tarfile.open(fileobj=compressed, mode="w|") as archive,
        copy.open("rb") as database,
    ):
        archive.addfile(_member(MANIFEST, len(text)), io.BytesIO(text))
        archive.addfile(_member(DATABASE, manifest.bytes), database)


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def unpack_backup(file: Path, copy: Path) -> Manifest:
    """Write the database in a backup to a new file `copy`, and compare it with the manifest.

    Raises:
        StoreRefused: It is no backup, or it is not whole; the copy is gone then.
    """
    try:
        with _private_file(copy) as out:
            manifest = _unpack(file, out)
        _compare(manifest, copy)
    except BaseException as error:
        copy.unlink(missing_ok=True)
        if isinstance(error, _BROKEN):
            raise StoreRefused(f"{file} is no whole backup: {error}") from error
        raise
    return manifest


def _unpack(file: Path, out: IO[bytes]) -> Manifest:
    with gzip.open(file) as compressed, tarfile.open(fileobj=compressed, mode="r|") as archive:
        text = _next_file(archive, MANIFEST).read(LONGEST_MANIFEST_BYTES)
        manifest = Manifest(**json.loads(text))
        database = _next_file(archive, DATABASE)
        while chunk := database.read(CHUNK_BYTES):
            out.write(chunk)
        while compressed.read(CHUNK_BYTES):  # gzip's own check sum stands at the end
            pass
    return manifest


def _next_file(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    member = archive.next()
    content = archive.extractfile(member) if member and member.isfile() and member.name == name else None
    if content is None:
        raise ValueError(f"{name} is not where it should be")
    return content


def _compare(manifest: Manifest, copy: Path) -> None:
    if (copy.stat().st_size, _digest(copy)) != (manifest.bytes, manifest.sha256):
        raise StoreRefused("the database in the backup is not the one that was put in")
    contents = check_copy(copy)
    if contents != Contents(migrations=manifest.migrations, counts=manifest.counts):
        raise StoreRefused("the database in the backup holds something else than its manifest says")


def _digest(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
