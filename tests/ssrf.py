"""What the relay may and may not connect to: the corpus of URLs, and the promise about IP addresses."""

import ipaddress
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from relay.domain.target import Reason, TargetPolicy

_CORPUS = Path(__file__).parent / "cases" / "ssrf_corpus.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    id: str
    url: Any
    verdict: str
    answers: list[list[str]]
    opened: tuple[str, ...]
    own_hosts: tuple[str, ...]

    @property
    def closed_policy(self) -> TargetPolicy:
        return self.policy(())

    @property
    def opened_policy(self) -> TargetPolicy:
        return self.policy(self.opened)

    def policy(self, opened: Sequence[str]) -> TargetPolicy:
        networks = tuple(ipaddress.ip_network(text) for text in opened)
        own = frozenset((host, None) for host in self.own_hosts)
        return TargetPolicy(allow_networks=networks, own_hosts=own)


@dataclass(slots=True)
class StubbedDns:
    """Answers look-ups in turn; the last answer stays. Counts what it was asked."""

    answers: list[list[str]]
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str) -> list[str]:
        self.asked.append(host)
        if not self.answers:
            raise OSError(f"unexpected look-up of {host}")
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def corpus(keep: Callable[[Case], bool] = lambda _: True) -> list[Case]:
    with _CORPUS.open(encoding="utf-8") as lines:
        cases = [_case(json.loads(line)) for line in lines]
    return [case for case in cases if keep(case)]


def _case(row: dict[str, Any]) -> Case:
    sequence = row.get("resolve_sequence") or ([row["resolves_to"]] if "resolves_to" in row else [])
    return Case(
        id=row["id"],
        url=row["url"],
        verdict=row["verdict"],
        answers=[[answer] if isinstance(answer, str) else answer for answer in sequence],
        opened=_opened(row),
        own_hosts=tuple(row.get("config", {}).get("own_hosts", ())),
    )


def _opened(row: dict[str, Any]) -> tuple[str, ...]:
    """The networks that an operator would open for this line: as it says, else where its host lies."""
    if "allow_cidr" in row:
        return (row["allow_cidr"],)
    return tuple(row.get("resolves_to", ())) or ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", *_OTHERS)


_OTHERS = ("100.64.0.0/10", "127.0.0.0/8", "fc00::/7", "::1/128")


# The promise once more, as first and last address, so that no code is shared.
RESERVED_RANGES = """
    0.0.0.0-0.255.255.255 169.254.0.0-169.254.255.255 192.0.0.0-192.0.0.255 192.0.2.0-192.0.2.255
    192.31.196.0-192.31.196.255 192.52.193.0-192.52.193.255 192.88.99.0-192.88.99.255
    192.175.48.0-192.175.48.255 198.18.0.0-198.19.255.255 198.51.100.0-198.51.100.255
    203.0.113.0-203.0.113.255 224.0.0.0-255.255.255.255 168.63.129.16-168.63.129.16
    100.100.100.200-100.100.100.200
    ::-:: ::2-1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 2001::-2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff
    2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff 2002::-2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff
    2620:4f:8000::-2620:4f:8000:ffff:ffff:ffff:ffff:ffff 3fff::-3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff
    4000::-fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff fe00::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
    fd00:ec2::-fd00:ec2:ffff:ffff:ffff:ffff:ffff:ffff fd20:ce::-fd20:ce::ffff:ffff:ffff:ffff
    fd00:42::42-fd00:42::42 fd00:c1::a9fe:a9fe-fd00:c1::a9fe:a9fe
"""
PRIVATE_RANGES = """
    10.0.0.0-10.255.255.255 100.64.0.0-100.127.255.255 127.0.0.0-127.255.255.255 172.16.0.0-172.31.255.255
    192.168.0.0-192.168.255.255 fc00::-fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ::1-::1
"""


def ranges(text: str) -> list[tuple[int, int, int]]:
    pairs = [entry.split("-") for entry in text.split()]
    ends = [(ipaddress.ip_address(first), ipaddress.ip_address(last)) for first, last in pairs]
    return [(first.version, int(first), int(last)) for first, last in ends]


def formulated_anew(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Reason | None:
    for reason, text in ((Reason.RESERVED, RESERVED_RANGES), (Reason.PRIVATE, PRIVATE_RANGES)):
        for version, first, last in ranges(text):
            if version == address.version and first <= int(address) <= last:
                return reason
    return None
