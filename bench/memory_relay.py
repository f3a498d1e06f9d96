"""The yardstick for speed: a plain aiohttp relay that keeps nothing and never tries again."""

from bench.baseline import parse, serve
from bench.loop import run
from bench.machine import raise_file_limit

if __name__ == "__main__":
    raise_file_limit()
    run(serve(parse(__doc__).parse_args()))
