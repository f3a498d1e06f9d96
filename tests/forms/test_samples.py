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

NODE_RED = """
import crypto from "node:crypto";
import { readFileSync } from "node:fs";
const source = readFileSync("./function-node.js", "utf8");
const functionNode = new Function("msg", "env", "crypto", source);
const msg = { req: { headers: JSON.parse(process.argv[2]) }, payload: Buffer.from(process.argv[3]) };
const [genuine, refused] = functionNode(msg, { get: (name) => process.env[name] }, crypto);
if (genuine ? refused !== null || genuine.payload.snr !== 14.99 : refused.statusCode !== 401) throw "wrong";
console.log(genuine ? "genuine" : "refused");
"""
GO = """package webhook

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"
)

func TestMain(*testing.M) {
	header, given := http.Header{}, map[string]string{}
	if err := json.Unmarshal([]byte(os.Args[len(os.Args)-2]), &given); err != nil {
		panic(err)
	}
	for name, value := range given {
		header.Set(name, value)
	}
	word := "refused"
	if IsGenuine(header, []byte(os.Args[len(os.Args)-1])) {
		word = "genuine"
	}
	os.Stdout.WriteString(word)
}
"""
CSHARP = """
using System.Text.Json;

var headers = JsonSerializer.Deserialize<Dictionary<string, string>>(args[0])!;
var isGenuine = Webhook.IsGenuine(name => headers.GetValueOrDefault(name), Encoding.UTF8.GetBytes(args[1]));
Console.WriteLine(isGenuine ? "genuine" : "refused");
"""
CSHARP_PROJECT = """<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup>
<OutputType>Exe</OutputType><TargetFramework>net{version}</TargetFramework><Nullable>enable</Nullable>
<ImplicitUsings>enable</ImplicitUsings></PropertyGroup></Project>"""
RUN_BY_CI = {"python", "node", "php"}

Check = Callable[[dict[str, str], bytes], str]


def need(program: str) -> str:
    """The program, or no test: all machines that are to run everything have what CI installs."""
    found = shutil.which(program)
    if found is None:
        missing = f"{program} is not on this machine"
        if os.environ.get("CI") and program in RUN_BY_CI:
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def put(folder: Path, sample: str, name: str, **others: str) -> None:
    shutil.copy(SAMPLES / sample, folder / name)
    for other, text in others.items():
        (folder / other.replace("__", ".")).write_text(text)


def checker(folder: Path, *command: str) -> Check:
    def check(headers: dict[str, str], body: bytes) -> str:
        return run(folder, *command, json.dumps(headers), body.decode())

    return check


def run(folder: Path, *command: str) -> str:
    environment = {**os.environ, "WEBHOOK_SECRET": SECRET, "DOTNET_CLI_TELEMETRY_OPTOUT": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


def python(folder: Path) -> Check:
    put(folder, "python.txt", "check_signature.py", run__py=PYTHON)
    return checker(folder, sys.executable, "run.py")


def node(folder: Path) -> Check:
    put(folder, "node.txt", "check-signature.mjs", run__mjs=NODE)
    return checker(folder, need("node"), "run.mjs")


def node_red(folder: Path) -> Check:
    put(folder, "nodered.txt", "function-node.js", run__mjs=NODE_RED)
    return checker(folder, need("node"), "run.mjs")


def php(folder: Path) -> Check:
    put(folder, "php.txt", "check_signature.php", run__php=PHP)
    return checker(folder, need("php"), "run.php")


def go(folder: Path) -> Check:
    put(folder, "go.txt", "webhook.go", webhook_test__go=GO, go__mod="module webhook\n\ngo 1.19\n")
    run(folder, need("go"), "test", "-c", "-o", "check")
    return checker(folder, "./check", "--")


def csharp(folder: Path) -> Check:
    dotnet = need("dotnet")
    version = ".".join(run(folder, dotnet, "--version").split(".")[:2])
    project = CSHARP_PROJECT.format(version=version)
    put(folder, "csharp.txt", "Webhook.cs", Program__cs="using System.Text;" + CSHARP, check__csproj=project)
    run(folder, dotnet, "build", "--output", "built")
    return checker(folder, dotnet, "built/check.dll")


@pytest.fixture(params=[python, node, node_red, php, go, csharp], ids=lambda each: each.__name__)
def check(request: pytest.FixtureRequest, tmp_path: Path) -> Check:
    found: Check = request.param(tmp_path)
    return found


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
        ({**good, "webhook-timestamp": "\xb2"}, BODY),
        ({}, BODY),
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
