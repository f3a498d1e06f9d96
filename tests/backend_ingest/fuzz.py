"""`make fuzz`: minutes of made-up callbacks at the door of a whole relay; 2xx and 4xx are the only answers.

Prints its seed first; the same seed makes the same requests.
"""

import argparse
import asyncio
import logging
import random
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

from hypothesis import seed

from tests.backend_ingest.cases import lines
from tests.backend_ingest.door import SECRET, open_door
from tests.backend_ingest.test_any_request import (
    Here,
    test_a_callback_is_taken_or_refused,
    test_a_stranger_is_refused,
)
from tests.backend_ingest.test_bad_ingest_corpus import bytes_of
from tests.wire import exchange

MUTATIONS_A_ROUND = 300
MOST_CHANGES = 6
PATIENCE_SECONDS = 0.5
"""With a request that waits for the rest of its body."""
BITES = (
    b"\r\n",
    b"\0",
    b"%",
    b"&",
    b"=",
    b'"',
    b"{",
    b"[" * 40,
    b"\xff",
    b"9" * 400,
    b"Content-Length: 9\r\n",
)


def mutated(request: bytes, chance: random.Random) -> bytes:
    """A request with a few bytes changed, put in, taken out or doubled."""
    changed = bytearray(request)
    for _ in range(chance.randint(1, MOST_CHANGES)):
        at = chance.randrange(len(changed) + 1)
        until = min(len(changed), at + chance.randint(0, 20))
        match chance.randrange(4):
            case 0:
                changed[at:at] = chance.choice(BITES)
            case 1:
                del changed[at:until]
            case 2:
                changed[at:at] = changed[at:until]
            case _:
                changed[at:until] = chance.randbytes(until - at)
    return bytes(changed)


def send_mutated(here: Here, requests: list[bytes], chance: random.Random) -> Counter[int | None]:
    """Nothing may fail on our side; what is no whole request any more may be cut off or waited for."""
    seen: Counter[int | None] = Counter()
    for _ in range(MUTATIONS_A_ROUND):
        request = mutated(chance.choice(requests), chance)
        reply = here.runner.run(exchange(here.door.port, request, within_seconds=PATIENCE_SECONDS))
        assert reply.status is None or 200 <= reply.status < 500, (request, reply)
        seen[reply.status] += 1
    return seen


@contextmanager
def running_relay() -> Iterator[Here]:
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        stack = AsyncExitStack()
        door = runner.run(stack.enter_async_context(open_door(Path(folder))))
        yield Here(runner, door)
        runner.run(stack.aclose())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    logging.disable()
    requests = [bytes_of(case, SECRET) for case in lines("bad_ingest.jsonl") if "wait_s" not in case]
    chance, seen, rounds = random.Random(given.seed), Counter[int | None](), 0
    end = time.monotonic() + given.minutes * 60
    with running_relay() as here:
        while time.monotonic() < end:
            for test in (test_a_callback_is_taken_or_refused, test_a_stranger_is_refused):
                seed(given.seed + rounds)(test)(here=here)
            seen += send_mutated(here, requests, chance)
            rounds += 1
    print(f"{rounds} rounds; answers to changed requests: {dict(seen)}")


if __name__ == "__main__":
    main()
