"""The code on the page is run as a reader would run it."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from standardwebhooks import Webhook

from relay.domain.sample import sample_body, sample_headers
from relay.domain.signing import make_secret
from relay.web.curl import curl_command

SAMPLES = Path(__file__).parent.parent.parent / "templates" / "forms" / "samples"
SECRET = make_secret(bytes(range(32)))
BODY = b'{"snr":14.99,"data":"\xc5\xbe"}'

PYTHON = """
import json, sys
from check_signature import is_genuine
headers, body = json.loads(sys.argv[1]), sys.argv[2].encode()
print("genuine" if is_genuine(headers, body) else "refused")
"""
NODE = """
import { isGenuine } from "./check-signature.mjs";
const [headers, body] = [JSON.parse(process.argv[2]), Buffer.from(process.argv[3])];
console.log(isGenuine(headers, body) ? "genuine" : "refused");
"""
PHP = """<?php
require 'check_signature.php';
echo is_genuine(json_decode($argv[1], true), $argv[2]) ? 'genuine' : 'refused';
"""

Check = Callable[[dict[str, str], bytes], str]


def checker(
    folder: Path, command: str, sample: str, sample_name: str, harness: str, harness_name: str
) -> Check:
    if not shutil.which(command):
        pytest.skip(f"{command} is not on this machine")
    shutil.copy(SAMPLES / sample, folder / sample_name)
    (folder / harness_name).write_text(harness)

    def check(headers: dict[str, str], body: bytes) -> str:
        return subprocess.run(
            [command, harness_name, json.dumps(headers), body.decode()],
            cwd=folder,
            env={**os.environ, "WEBHOOK_SECRET": SECRET},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    return check


@pytest.fixture(params=["python", "node", "php"])
def check(request: pytest.FixtureRequest, tmp_path: Path) -> Check:
    match request.param:
        case "python":
            return checker(tmp_path, sys.executable, "python.txt", "check_signature.py", PYTHON, "run.py")
        case "node":
            return checker(tmp_path, "node", "node.txt", "check-signature.mjs", NODE, "run.mjs")
        case _:
            return checker(tmp_path, "php", "php.txt", "check_signature.php", PHP, "run.php")


def signed_at(moment: float, secret: str = SECRET) -> dict[str, str]:
    """Headers from the reference library, not from our own signing."""
    signature = Webhook(secret).sign("msg_1", datetime.fromtimestamp(int(moment), UTC), BODY.decode())
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(moment)), "webhook-signature": signature}


def test_takes_what_is_ours_and_refuses_the_rest(check: Check) -> None:
    now = time.time()
    good = signed_at(now)
    several = {**good, "webhook-signature": "v1a,AAAA v1,BBBB " + good["webhook-signature"]}
    assert [check(headers, BODY) for headers in (good, several)] == ["genuine", "genuine"]
    refused = [
        (good, BODY + b" "),
        ({**good, "webhook-id": "msg_2"}, BODY),
        ({**good, "webhook-signature": ""}, BODY),
        ({**good, "webhook-signature": "v1,ž"}, BODY),
        ({**good, "webhook-timestamp": "soon"}, BODY),
        (signed_at(now - 400), BODY),
        (signed_at(now + 400), BODY),
        (signed_at(now, make_secret(bytes(32))), BODY),
    ]
    assert [check(*each) for each in refused] == ["refused"] * len(refused)


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not on this machine")
async def test_curl_sends_the_very_same_message() -> None:
    received: list[tuple[dict[str, str], bytes, str]] = []

    async def receive(request: web.Request) -> web.Response:
        received.append((dict(request.headers), await request.read(), request.raw_path))
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/{any:.*}", receive)
    body = sample_body("1A2B3C", int(time.time()))
    headers = sample_headers(SECRET, body, int(time.time()))
    path = "/hook?q='$(id)&a[]=%C5%BE{1,2}"
    async with TestServer(app) as server:
        command = curl_command(f"http://127.0.0.1:{server.port}{path}", headers, body)
        shell = await asyncio.create_subprocess_shell(f"{command} --silent --fail --max-time 20")
        assert await shell.wait() == 0
    ((got, got_body, got_path),) = received
    assert (got_body, got_path) == (body, path)
    assert {name: got[name] for name in headers} == headers
    assert Webhook(SECRET).verify(got_body, got)
