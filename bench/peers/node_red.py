"""Node-RED with one flow: http in, the five fields and the webhook's URL, http request, http response."""

import csv
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bench.peers.installed import Installed
from bench.program import Command, answers, free_port, started
from bench.relay_process import Running, Surroundings

_FORWARD = """
const {snr, device, rssi, time, data} = msg.payload;
msg.url = global.get("webhooks")[device];
msg.headers = {"content-type": "application/json"};
msg.payload = {snr, device, rssi, time, data};
return msg;
"""


@contextmanager
def node_red(peers: Installed, around: Surroundings, *, keeps_connections: bool) -> Iterator[Running]:
    """It answers when the receiver has taken the webhook, and keeps nothing. Raises: NotRunningError.

    As it comes, its node for requests makes a connection for each.
    """
    folder = around.folder / "node-red"
    folder.mkdir()
    port = free_port()
    flow = folder / "flow.json"
    flow.write_text(json.dumps(_flow(keeps_connections)))
    settings = folder / "settings.js"
    settings.write_text(f"module.exports = {json.dumps(_settings(port, around.devices))};")
    command: Command = [peers.node, peers.node_red, "--userDir", folder, "--settings", settings, flow]
    began = time.monotonic()
    with started(command, folder / "log", partial(answers, port), peers.environment) as pid:
        yield Running(
            pids=(pid,),
            ingest_urls=(f"http://127.0.0.1:{port}/sigfox/data",),
            secret="",
            ready_seconds=time.monotonic() - began,
        )


def _settings(port: int, devices: Path) -> dict[str, Any]:
    with devices.open(newline="") as file:
        webhooks = {row["device"]: row["webhook_url"] for row in csv.DictReader(file)}
    return {
        "uiHost": "127.0.0.1",
        "uiPort": port,
        "httpAdminRoot": False,
        "functionGlobalContext": {"webhooks": webhooks},
        "logging": {"console": {"level": "warn"}},
    }


def _flow(keeps_connections: bool) -> list[dict[str, Any]]:
    there = {"z": "flow", "x": 0, "y": 0}
    return [
        {"id": "flow", "type": "tab", "label": "relay"},
        {**there, "id": "in", "type": "http in", "url": "/sigfox/data", "method": "post",
         "wires": [["five"]]},
        {**there, "id": "five", "type": "function", "func": _FORWARD, "outputs": 1, "wires": [["post"]]},
        {**there, "id": "post", "type": "http request", "method": "POST", "ret": "txt", "url": "",
         "persist": keeps_connections, "wires": [["out"]]},
        {**there, "id": "out", "type": "http response", "statusCode": "204", "wires": []},
        {**there, "id": "ready", "type": "http in", "url": "/readyz", "method": "get", "wires": [["yes"]]},
        {**there, "id": "yes", "type": "http response", "statusCode": "200", "wires": []},
    ]  # fmt: skip
