"""The yardstick for slow disks: durable, with one SQLite commit for each message.

With `--outcomes` it also keeps, like the real relay, what came of each delivery: one commit more.
"""

import argparse
from pathlib import Path

import aiosqlite

from bench.baseline import keep_nothing, parse, serve
from bench.loop import run
from bench.machine import raise_file_limit


async def serve_durably(options: argparse.Namespace) -> None:
    async with aiosqlite.connect(options.database, isolation_level=None) as connection:
        await connection.execute("pragma journal_mode = wal")
        await connection.execute("pragma synchronous = full")
        for table in ("message", "outcome"):
            await connection.execute(f"create table if not exists {table} (id integer primary key, raw blob)")

        async def keep(raw: bytes) -> None:
            await connection.execute("insert into message (raw) values (?)", (raw,))

        async def settle(body: bytes) -> None:
            await connection.execute("insert into outcome (raw) values (?)", (body,))

        await serve(options, keep, settle if options.outcomes else keep_nothing)


def main() -> None:
    parser = parse(__doc__)
    parser.add_argument("--database", type=Path, required=True)
    parser.add_argument("--outcomes", action="store_true", help="commit outcomes too")
    raise_file_limit()
    run(serve_durably(parser.parse_args()))


if __name__ == "__main__":
    main()
