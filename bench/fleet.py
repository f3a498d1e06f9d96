"""The devices of a run and how each one's webhook behaves.

The behaviour stands in the webhook's path (`/<mode>/<device>`), so the sink keeps no table and the file that
is imported into the relay is all that generator, sink and relay have in common:

    python -m bench.fleet devices.csv --count 1000 --modes ok=0.9,hang=0.1
"""

import argparse
import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from pathlib import Path
from urllib.parse import urlsplit

COLUMNS = ("device", "token", "email", "webhook_url")
_FIRST_DEVICE = 0xB0000
ATTACKER = "127.0.99.1"
_ATTACKERS_DOMAIN = ".attacker.test"
_GOLDEN = 0.6180339887498949  # its multiples fill 0..1 evenly, so modes mix instead of standing in blocks


class Mode(StrEnum):
    """What a webhook does with a POST."""

    OK = "ok"
    SPONGE = "sponge"  # 200, outside the books: takes what is left over from before the run
    SLOW = "slow"  # 200 after some seconds
    FLAKY = "flaky"  # 503 half of the time
    FAIL = "fail"  # always 500
    RESET = "reset"  # closes without an answer
    HANG = "hang"  # never answers
    DEAD = "dead"  # nobody listens


TAKES_MESSAGES = frozenset({Mode.OK, Mode.SLOW, Mode.FLAKY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    device: str
    mode: Mode
    webhook_url: str

    @property
    def address(self) -> tuple[str, int]:
        """Where it is served."""
        parts = urlsplit(self.webhook_url)
        host = parts.hostname or ""
        return ATTACKER if host.endswith(_ATTACKERS_DOMAIN) else host, parts.port or 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """Where the webhooks live: how many hosts of 127.0.0.0/8, and the two ports (one has no listener).

    So many names beside them belong to one attacker, and all lead to his one address (`attacker_names.c`).
    """

    hosts: int = 1
    attacking_names: int = 0
    port: int = 9100
    dead_port: int = 9099
    scheme: str = "http"

    def host(self, index: int) -> str:
        row, column = divmod(index % self.hosts, 250)
        return f"127.0.{row}.{column + 1}"

    def url(self, index: int, mode: Mode, device: str) -> str:
        port = self.dead_port if mode is Mode.DEAD else self.port
        return f"{self.scheme}://{self.host(index)}:{port}/{mode}/{device}"

    def attacking_url(self, index: int, device: str) -> str:
        return f"{self.scheme}://n{index}{_ATTACKERS_DOMAIN}:{self.port}/{Mode.HANG}/{device}"


Shares = Sequence[tuple[Mode, float]]
ALL_WELL: Shares = ((Mode.OK, 1.0),)


def parse_shares(text: str) -> Shares:
    """`ok=0.7,hang=0.2,dead=0.1` or just `ok`. Raises: ValueError."""
    pairs = [part.partition("=") for part in text.split(",")]
    return [(Mode(name.strip()), float(share or 1)) for name, _, share in pairs]


def make_fleet(count: int, shares: Shares = ALL_WELL, sites: Sites | None = None) -> list[Customer]:
    """So many customers, and one more for each name of the attacker."""
    sites = sites or Sites()
    fleet = [_customer(index, _mode_at(index, shares), sites) for index in range(count)]
    return fleet + [_attacker(count + index, index, sites) for index in range(sites.attacking_names)]


def _customer(index: int, mode: Mode, sites: Sites) -> Customer:
    device = f"{_FIRST_DEVICE + index:X}"
    return Customer(device=device, mode=mode, webhook_url=sites.url(index, mode, device))


def _attacker(number: int, index: int, sites: Sites) -> Customer:
    device = f"{_FIRST_DEVICE + number:X}"
    return Customer(device=device, mode=Mode.HANG, webhook_url=sites.attacking_url(index, device))


def _mode_at(index: int, shares: Shares) -> Mode:
    limits = list(accumulate(share for _, share in shares))
    point = (index * _GOLDEN) % 1 * limits[-1]
    return next(mode for (mode, _), limit in zip(shares, limits, strict=True) if point < limit)


def write_fleet(path: Path, fleet: Iterable[Customer]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows((customer.device, "", "", customer.webhook_url) for customer in fleet)


def read_fleet(path: Path) -> list[Customer]:
    with path.open(newline="") as file:
        return [_from_row(row) for row in csv.DictReader(file)]


FIRST_OF_BACKLOG = _FIRST_DEVICE + 0x10_0000


def make_backlog_fleet(count: int, sites: Sites) -> list[Customer]:
    """Devices that send nothing during the run, and whose webhooks take what waits for them."""
    numbers = [(index, f"{FIRST_OF_BACKLOG + index:X}") for index in range(count)]
    return [
        Customer(device=device, mode=Mode.SPONGE, webhook_url=sites.url(index, Mode.SPONGE, device))
        for index, device in numbers
    ]


def _from_row(row: dict[str, str]) -> Customer:
    mode = Mode(urlsplit(row["webhook_url"]).path.split("/")[1])
    return Customer(device=row["device"], mode=mode, webhook_url=row["webhook_url"])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.fleet", description=__doc__)
    parser.add_argument("file", type=Path, help="the CSV to write, for `relay device import`")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--modes", type=parse_shares, default=ALL_WELL, metavar="MODE=SHARE,…")
    parser.add_argument("--hosts", type=int, default=1, help="spread over this many loopback addresses")
    parser.add_argument("--port", type=int, default=Sites().port)
    parser.add_argument("--dead-port", type=int, default=Sites().dead_port)
    parser.add_argument("--scheme", choices=("http", "https"), default="http")
    options = parser.parse_args()
    sites = Sites(hosts=options.hosts, port=options.port, dead_port=options.dead_port, scheme=options.scheme)
    write_fleet(options.file, make_fleet(options.count, options.modes, sites))


if __name__ == "__main__":
    main()
