"""How everything sealed moves from one secret key to the next, in batches that may end anywhere."""

from dataclasses import dataclass

from relay.store.driver import Do, Row, Steps
from relay.store.sealed import SEALED_PLACES, SealedPlace
from relay.store.vault import CannotOpen, Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far it has come: a place in `SEALED_PLACES`, and the last of its rows that was looked at."""

    place: int
    after: int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resealed:
    """One batch. `damaged` rows open with no key and stay as they are; `next` is None at the end."""

    count: int
    damaged: tuple[str, ...]
    next: Cursor | None


START = Cursor(place=0, after=SEALED_PLACES[0].before_first)


def reseal_batch(cursor: Cursor, limit: int, vault: Vault) -> Steps[Resealed]:
    """Seal the next rows anew where another key than the first one sealed them."""
    place = SEALED_PLACES[cursor.place]
    rows = yield Do(f"read_sealed:{place.name}", [{"after": cursor.after, "limit": limit}])
    stale = [row for row in rows if not vault.is_sealed_by_first(row["sealed"])]
    anew = [(row, _anew(row, place, vault)) for row in stale]
    # An owner may have changed the value since it was read; then the first key has sealed it already.
    yield Do(
        f"reseal:{place.name}",
        [
            {"row_key": row["row_key"], "sealed": row["sealed"], "resealed": resealed}
            for row, resealed in anew
            if resealed is not None
        ],
    )
    damaged = tuple(place.of_row(row["row_key"]) for row, resealed in anew if resealed is None)
    following = Cursor(place=cursor.place, after=rows[-1]["row_key"]) if len(rows) == limit else _after(place)
    return Resealed(count=len(stale) - len(damaged), damaged=damaged, next=following)


def _anew(row: Row, place: SealedPlace, vault: Vault) -> bytes | None:
    bound_to = place.of_row(row["row_key"])
    try:
        return vault.seal(vault.open(row["sealed"], bound_to), bound_to)
    except CannotOpen:
        return None


def _after(place: SealedPlace) -> Cursor | None:
    position = SEALED_PLACES.index(place) + 1
    if position == len(SEALED_PLACES):
        return None
    return Cursor(place=position, after=SEALED_PLACES[position].before_first)


def count_stale(vault: Vault) -> Steps[int]:
    """How many values the first key has not sealed."""
    stale = 0
    for place in SEALED_PLACES:
        rows = yield Do(f"sealed_by_key:{place.name}")
        stale += sum(row["values_held"] for row in rows if not vault.is_sealed_by_first(row["key_name"]))
    return stale
