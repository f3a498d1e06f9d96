"""Posts what is enqueued, with arq: as many at once as the relays for comparison, and no results kept."""

import os
from pathlib import Path
from typing import Any

from arq.connections import RedisSettings
from arq.worker import Worker
from yarl import URL

from bench.baseline import JSON, posting_session
from bench.loop import run
from bench.peers import BEGUN, REDIS_URL
from bench.plan import IN_FLIGHT


async def post(context: dict[str, Any], url: str, body: bytes) -> None:
    async with context["session"].post(URL(url), data=body, headers=JSON) as answer:
        answer.raise_for_status()
        await answer.read()


async def begin(_context: dict[str, Any]) -> None:
    Path(os.environ[BEGUN]).touch()  # noqa: ASYNC240 once, before there is anything to delay


async def work() -> None:
    async with posting_session() as session:
        worker = Worker(
            [post],
            redis_settings=RedisSettings.from_dsn(os.environ[REDIS_URL]),
            on_startup=begin,
            ctx={"session": session},
            max_jobs=IN_FLIGHT,
            poll_delay=0.01,
            keep_result=0,
            log_results=False,
        )
        await worker.async_run()


if __name__ == "__main__":
    run(work())
