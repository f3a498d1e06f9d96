"""Takes callbacks and enqueues what is to be posted, with arq."""

import argparse
import os

from aiohttp import web
from arq import create_pool
from arq.connections import RedisSettings

from bench.baseline import forwarded, parse, read_webhooks, serve_door
from bench.loop import run
from bench.peers import REDIS_URL


async def serve(options: argparse.Namespace) -> None:
    webhooks = read_webhooks(options.devices)
    queue = await create_pool(RedisSettings.from_dsn(os.environ[REDIS_URL]))

    async def take(request: web.Request) -> web.Response:
        device, body = forwarded(await request.read())
        await queue.enqueue_job("post", str(webhooks[device]), body)
        return web.Response(status=204)

    await serve_door(take, options.port)
    await queue.aclose()


if __name__ == "__main__":
    run(serve(parse(__doc__).parse_args()))
