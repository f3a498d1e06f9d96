"""Takes callbacks and enqueues what is to be posted, with dramatiq."""

import argparse

from aiohttp import web

from bench.baseline import forwarded, parse, read_webhooks, serve_door
from bench.loop import run
from bench.peers.dramatiq_actor import post


async def serve(options: argparse.Namespace) -> None:
    webhooks = read_webhooks(options.devices)

    async def take(request: web.Request) -> web.Response:
        device, body = forwarded(await request.read())
        post.send(str(webhooks[device]), body.decode())  # waits for Redis, as dramatiq has it
        return web.Response(status=204)

    await serve_door(take, options.port)


if __name__ == "__main__":
    run(serve(parse(__doc__).parse_args()))
