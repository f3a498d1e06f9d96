"""What the log says about requests that are no HTTP."""

import asyncio
import logging

import pytest
from aiohttp import web

from relay.logs import tame_malformed

SECRET = "s1gF0x_UqLrTnZpXvB9mKjHgWdEyCaOi"


async def say_ok(_: web.BaseRequest) -> web.StreamResponse:
    return web.Response()


async def test_a_malformed_request_is_a_warning_that_quotes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("a.server.of.its.own")
    logger.addFilter(tame_malformed)
    runner = web.ServerRunner(web.Server(say_ok, logger=logger))
    await runner.setup()
    await (site := web.TCPSite(runner, "127.0.0.1", 0)).start()
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(f"GET /sigfox/data/{SECRET}\x01 HTTP/1.1\r\n\r\n".encode())
    await reader.read()
    writer.close()
    await runner.cleanup()
    (record,) = caplog.records
    assert (record.levelname, record.message) == ("WARNING", "request.malformed")
    assert SECRET not in str(record.__dict__)
    assert record.exc_info is None


def test_other_failures_stay_as_they_are() -> None:
    record = logging.LogRecord(
        "x", logging.ERROR, "", 0, "request.failed", (), (KeyError, KeyError("k"), None)
    )
    assert tame_malformed(record)
    assert (record.levelname, record.getMessage()) == ("ERROR", "request.failed")
