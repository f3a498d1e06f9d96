"""The seam between what the store does and the database that does it.

A transaction is written once, as a generator: it yields `Do` and is sent the rows. A driver runs the whole
generator inside one transaction, in one hop to the database's thread (SQLite) or over one connection
(PostgreSQL). So the logic of a transaction is pure, and never waits for anything but its own statements.
A `Notice` that it yields is published once the transaction is durable.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from relay.store.notices import Notice, Notices

Parameters = Mapping[str, object]


class Row(Protocol):
    """A row of an answer; columns by name."""

    def __getitem__(self, column: str, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Do:
    """Run the named statement once for each set of parameters; the answer is all their rows together."""

    statement: str
    parameters: Sequence[Parameters] = ({},)


T = TypeVar("T")
Steps = Generator[Do | Notice, Sequence[Row], T]


class Driver(Protocol):
    """One database."""

    @property
    def notices(self) -> Notices:
        """Those who hear what its transactions change."""

    async def transact(self, steps: Steps[T]) -> T:
        """Run the steps in one transaction and make it durable before returning.

        Raises:
            StoreUnavailable: Nothing was changed; trying again later may help.
        """

    async def close(self) -> None:
        """Finish what runs, then close; nothing may be asked of it afterwards."""


def rows_of(statement: str, **parameters: object) -> Generator[Do, Sequence[Row], Sequence[Row]]:
    """One statement as a whole transaction: its rows."""
    return (yield Do(statement, (parameters,)))
