"""Another program that writes to the database: `python lock_holder.py FILE` locks it until its input ends."""

import contextlib
import sqlite3
import sys

if __name__ == "__main__":
    with contextlib.closing(sqlite3.connect(sys.argv[1], isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        print("locked", flush=True)
        sys.stdin.read()
        connection.execute("ROLLBACK")
