"""What dramatiq posts, by threads with kept connections; for the ingest and the worker."""

import os
from pathlib import Path

import dramatiq
import urllib3
from dramatiq.brokers.redis import RedisBroker

from bench.baseline import JSON
from bench.peers import BEGUN, REDIS_URL
from bench.plan import IN_FLIGHT

dramatiq.set_broker(RedisBroker(url=os.environ[REDIS_URL]))
_POOL = urllib3.PoolManager(maxsize=IN_FLIGHT, retries=False)


@dramatiq.actor
def post(url: str, body: str) -> None:
    answer = _POOL.request("POST", url, body=body.encode(), headers=JSON)
    if answer.status >= 300:
        raise ValueError(answer.status)


if begun := os.environ.get(BEGUN):
    Path(begun).touch()
