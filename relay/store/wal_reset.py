"""Which SQLite libraries have the WAL-reset bug (sqlite.org/wal.html#walresetbug).

Two connections to one file whose checkpoints race may lose commits or damage the file. With one connection,
which is all that the relay ever opens, it cannot happen.
"""

_FIRST_AFFECTED = (3, 7, 0)
_FIXED = (3, 51, 3)
_REPAIRED_SERIES = {(3, 44): (3, 44, 6), (3, 50): (3, 50, 7)}


def has_wal_reset_bug(version: tuple[int, int, int]) -> bool:
    """Whether a library of this version has it; two older series were repaired as well."""
    return _FIRST_AFFECTED <= version < _REPAIRED_SERIES.get(version[:2], _FIXED)
